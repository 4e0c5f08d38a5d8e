"""The generation form of Generate and ControlNet: its fields, and what is kept of them."""
