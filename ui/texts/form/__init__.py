"""Texts of the form on Generate and ControlNet."""
