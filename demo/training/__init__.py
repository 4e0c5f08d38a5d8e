"""Trains the demo models, stage by stage, on scenes drawn by `demo.drawing`."""
