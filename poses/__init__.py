"""Poses: found in photos, read from maps and sketches, kept as presets, scored in results."""
