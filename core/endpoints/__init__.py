"""SageMaker endpoints: created, listed as AWS describes them, deleted; `service` is public."""
