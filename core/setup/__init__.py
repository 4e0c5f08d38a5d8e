"""The set-up of an account: what must be in place, and what is put there when told to."""
