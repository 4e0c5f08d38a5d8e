"""The team's poses: kept in the bucket, found, imported and exported; `service` is public."""
