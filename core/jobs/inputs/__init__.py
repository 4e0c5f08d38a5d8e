"""Which input images are in use, and the removal of those that nobody uses."""
