"""Texts of the team's pages."""
