"""What is known about a model file beside its bytes, and who said so."""
