"""Loaded models that stay in host and GPU memory."""
