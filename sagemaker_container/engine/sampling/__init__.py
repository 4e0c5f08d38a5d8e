"""The denoising loop: noise, schedulers, mask blending, previews."""
