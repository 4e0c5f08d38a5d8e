"""Model files: what the bucket holds, and how files get there; `service` is public."""
