"""Finds the people in a photo, on the CPU."""
