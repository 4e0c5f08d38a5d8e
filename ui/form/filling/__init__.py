"""Owns what fills a form in at once: a draft, and values that an older version stored."""
