"""Grids: one draft with other values for up to three of its fields, a job for each cell."""
