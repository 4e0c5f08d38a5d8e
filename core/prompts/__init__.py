"""Owns what a team writes prompts with: styles, wildcards, presets of the whole form."""
