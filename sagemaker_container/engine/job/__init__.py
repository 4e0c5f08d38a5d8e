"""One job: files fetched, images read, passes run, results stored."""
