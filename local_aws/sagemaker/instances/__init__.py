"""The instances of an endpoint: containers started, watched, and stopped."""
