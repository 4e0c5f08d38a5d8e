"""The denoising loop: noise, schedulers, blending, previews."""
