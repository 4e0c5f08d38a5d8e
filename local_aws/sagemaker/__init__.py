"""The part of SageMaker that runs: models, endpoint configurations, endpoints, invocations."""
