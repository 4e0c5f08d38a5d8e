"""The five pages: widgets only."""
