"""How the bytes of an upload get to S3, by where they come from, and how they are verified."""
