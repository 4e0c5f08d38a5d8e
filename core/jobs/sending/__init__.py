"""Sending jobs: the line they wait in, whose turn it is, and the invocation of their endpoint."""
