"""Makes a small data folder as the present version leaves it, for tests of later versions."""
