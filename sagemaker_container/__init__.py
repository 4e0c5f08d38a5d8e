"""The inference container: SageMaker's HTTP contract in front of a diffusers engine."""
