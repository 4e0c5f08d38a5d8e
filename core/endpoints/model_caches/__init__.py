"""Which model files the endpoints hold, and the endpoint that a job is best sent to."""
