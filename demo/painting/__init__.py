"""Paints the training scenes: figures on OpenPose skeletons, places, captions; no outside data."""
