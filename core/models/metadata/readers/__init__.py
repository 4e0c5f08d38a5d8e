"""What other programs write about a model file, a reader for each format."""
