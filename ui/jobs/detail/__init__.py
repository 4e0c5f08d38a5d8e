"""Owns what is shown of one job, and its buttons."""
