"""Tests of the S3 on disk."""
