"""Every text of the service layer that a user reads, one module for each room; logic has none.

A text is a whole: a constant, or a function that takes what the sentence names.
"""
