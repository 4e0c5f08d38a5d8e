"""The trash of jobs: what is put there can be restored for 30 days, then nothing of it stays."""
