"""The team: who is who, who may do what, how much of it, and who did it."""
