"""Model files on web sites: what an address means, what lies there, and its bytes."""
