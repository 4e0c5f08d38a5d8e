"""Hugging Face and Civitai: what their addresses mean, and what their APIs say."""
