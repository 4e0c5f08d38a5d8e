"""Owns the job list: whose jobs, which is selected, and what waits in the line."""
