"""Tests of styles, presets and what a prompt becomes."""
