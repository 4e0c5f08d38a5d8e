"""The demo models and the code that trained them."""
