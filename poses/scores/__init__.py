"""Measures how well an image follows the pose that it was asked for."""
