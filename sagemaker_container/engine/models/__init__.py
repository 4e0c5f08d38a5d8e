"""Networks loaded from weights files, with the configuration that the files imply."""
