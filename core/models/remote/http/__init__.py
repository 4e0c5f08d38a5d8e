"""Asks web sites for bytes: over https, at public addresses alone, with what it reads bounded."""
