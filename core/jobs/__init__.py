"""Jobs: from a filled-in form to a checked request and its end; `service` is public."""
