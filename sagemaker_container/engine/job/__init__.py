"""One job: its files, models and passes, its batches, and its result."""
