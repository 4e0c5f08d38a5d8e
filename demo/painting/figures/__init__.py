"""Paints the figures of the training scenes on their skeletons."""
