"""Benches of model files: uploads by each way, imports, and the library."""
