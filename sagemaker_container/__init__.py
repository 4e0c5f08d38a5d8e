"""The container that draws pictures: SageMaker's HTTP contract in front of a diffusers engine."""
