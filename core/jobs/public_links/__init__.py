"""Owns links that show one job's images to anybody who has them, until an end date."""
