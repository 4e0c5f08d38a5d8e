"""Owns presets of the whole form: some of its fields under a name."""
