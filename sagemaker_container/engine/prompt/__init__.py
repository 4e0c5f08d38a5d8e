"""Prompts: from A1111's syntax to the embeddings that the UNet's cross-attention reads."""
