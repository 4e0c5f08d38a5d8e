"""The worker process: fetches and loads models, generates images, stores results."""
