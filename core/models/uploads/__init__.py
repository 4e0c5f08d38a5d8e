"""Uploads of model files: checked, sent in parts, resumed, one queue for everybody."""
