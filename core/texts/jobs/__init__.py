"""Texts about jobs."""
