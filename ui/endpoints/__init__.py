"""The endpoints: form and list."""
