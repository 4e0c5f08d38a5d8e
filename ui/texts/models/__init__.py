"""Texts of the page Models."""
