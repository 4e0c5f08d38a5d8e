"""The SageMaker container that makes the pictures."""
