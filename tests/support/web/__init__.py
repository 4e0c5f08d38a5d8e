"""Web sites on this machine, over https, which behave like those that model files come from."""
