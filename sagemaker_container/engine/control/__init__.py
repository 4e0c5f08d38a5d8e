"""ControlNet: control maps from images, and the units that apply them."""
