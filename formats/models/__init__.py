"""Model files: their kinds and families, told from the safetensors header."""
