"""Owns the way from a filled-in form to stored jobs: draft, checks, requests, submission."""
