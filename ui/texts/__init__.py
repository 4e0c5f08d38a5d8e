"""Every text that a user reads on the pages."""
