"""Measures the demo models: subjects, colours, poses, pictures through the autoencoder."""
