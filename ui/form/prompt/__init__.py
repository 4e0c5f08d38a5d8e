"""The prompt and the negative prompt of a form, and what helps to write them."""
