"""Trains the demo models, stage by stage, on scenes painted by `demo.painting`."""
