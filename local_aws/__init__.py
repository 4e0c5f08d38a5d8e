"""The embedded AWS: one process that serves boto3 on this machine."""
