"""The way to AWS: boto3 clients, the bucket, and the addresses that a browser reads from it."""
