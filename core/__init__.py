"""The service layer: decides, and talks to AWS; knows nothing of the page."""
