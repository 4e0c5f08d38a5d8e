"""What the dashboard and the container agree on: requests, results, poses, keys, headers."""
