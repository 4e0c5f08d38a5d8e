"""What strangers' bytes do: each reader answers with a value, or with one of its own errors."""
