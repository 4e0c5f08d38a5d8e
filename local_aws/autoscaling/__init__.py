"""Application Auto Scaling for SageMaker variants: targets, policies, and their evaluation."""
