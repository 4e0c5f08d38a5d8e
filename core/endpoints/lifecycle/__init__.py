"""The life of an endpoint: its states' usual times, log, update, deletion, and what it leaves."""
