"""Benches of jobs: lists, search, and what is done with many at once."""
