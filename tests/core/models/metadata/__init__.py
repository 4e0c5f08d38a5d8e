"""What is known about model files: readers, hashes, search, and what an infotext lacks."""
