"""Owns the team's wildcard files: lists of values that prompts choose from, with their versions."""
