"""The ControlNet units of the form."""
