"""The worker process: fetches and loads models, draws pictures, stores them."""
