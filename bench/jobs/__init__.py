"""Measurements of the job list."""
