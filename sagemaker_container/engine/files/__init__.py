"""Weights files: from S3 to the disk, and what their headers say."""
