"""Owns the dialog with the team's styles: found, opened, changed, brought in and taken out."""
