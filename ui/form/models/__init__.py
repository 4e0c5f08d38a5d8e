"""The models of a form: the pickers, and what is known of the chosen ones."""
