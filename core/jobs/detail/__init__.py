"""Owns what one job is told to be beyond its record: where its time went, how it differs."""
