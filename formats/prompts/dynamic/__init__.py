"""Owns dynamic prompts: the syntax of sd-dynamic-prompts, its random choices and combinations."""
