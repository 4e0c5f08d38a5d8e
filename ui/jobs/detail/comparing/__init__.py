"""Owns the comparison of a job's image with its map, its source, or another job's image."""
