"""The job list, one job's details, and what can be done with it."""
