"""S3 over HTTP: requests, answers, signatures and bodies."""
