"""Measures the demo models: subjects, colours, poses, images through the autoencoder."""
