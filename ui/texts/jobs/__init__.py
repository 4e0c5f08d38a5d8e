"""Texts of the job list and of one job."""
