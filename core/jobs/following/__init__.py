"""Following open jobs: what their containers and SageMaker tell, brought into their records."""
