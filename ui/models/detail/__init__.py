"""One model: what is known about it, and what can be done with it."""
