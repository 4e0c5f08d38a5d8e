"""Reads an OpenPose map back into keypoints."""
