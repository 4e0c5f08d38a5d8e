"""ControlNet: preprocessors make control images, units apply them."""
