"""Upscaling: filters, ESRGAN networks, and the hires fix."""
