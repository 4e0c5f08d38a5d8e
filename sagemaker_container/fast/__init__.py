"""The fast path: diffusers' networks, run with fewer and larger steps and the same weights."""
