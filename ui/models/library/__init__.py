"""The library of models: what is shown of it, as cards or as a table."""
