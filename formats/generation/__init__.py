"""One generation: what is asked for (the request), and what is told of it (result, infotext)."""
