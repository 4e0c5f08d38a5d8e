"""The endpoints: form, list, and on each card its costs and its scaling."""
