"""Ways to write many prompts at once, as A1111 reads them: styles, matrices, files, axes."""
