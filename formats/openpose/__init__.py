"""The OpenPose skeleton: its points, its JSON dialects, and the map drawn of it."""
