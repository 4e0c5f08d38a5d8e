"""The S3 bucket, and the images that jobs store in it."""
