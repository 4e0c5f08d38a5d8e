"""Invocations: queued, handed to containers, their answers delivered."""
