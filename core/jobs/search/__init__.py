"""The search of jobs: an index beside each dashboard, which the stores' changes keep up to date."""
