"""The fast path: runs diffusers' networks in fewer and larger steps, with the same weights."""
