"""Real-time endpoints: what they take, and the orders of stopped ones."""
