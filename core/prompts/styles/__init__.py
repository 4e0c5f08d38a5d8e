"""Owns the team's styles: words around a prompt, with their versions, uses and files."""
