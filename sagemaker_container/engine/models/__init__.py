"""Loads files into diffusers' networks, with the configuration that they imply."""
