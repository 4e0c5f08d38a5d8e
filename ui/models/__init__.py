"""The model files: upload and list."""
