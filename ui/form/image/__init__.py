"""Owns the images that a form starts from: the field, the mask, inpaint and upscale settings."""
