"""Finds jobs: an index beside each dashboard, favourites and collections to find them again by."""
