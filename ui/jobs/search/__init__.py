"""Which jobs the page Jobs shows: search, filters with their counts, collections, and the URL."""
