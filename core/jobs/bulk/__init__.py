"""What is done with many jobs at once: each by itself, with its own permission check."""
