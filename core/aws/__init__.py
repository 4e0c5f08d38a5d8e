"""AWS as the service layer uses it: boto3 clients, the bucket, and the URLs of its objects."""
