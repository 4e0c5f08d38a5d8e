"""S3's operations, one function each, grouped by what they work on."""
