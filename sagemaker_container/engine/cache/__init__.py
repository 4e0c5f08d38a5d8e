"""Keeps loaded models in host and GPU memory."""
