"""Owns what an infotext means to the form: the fields that it sets, and what can't be honoured."""
