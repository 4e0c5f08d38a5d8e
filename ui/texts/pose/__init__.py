"""Texts of poses: the studio with its library, and the editor."""
