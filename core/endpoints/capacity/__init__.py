"""Which instance types an account can have: quotas, shortages, and what to take instead."""
