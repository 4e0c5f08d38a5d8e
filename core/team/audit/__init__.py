"""The audit: who did what to what, when, from where, and what came of it."""
