"""Prompts: from A1111's syntax to what the UNet's cross-attention reads."""
