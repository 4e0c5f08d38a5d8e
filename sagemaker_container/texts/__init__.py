"""The texts that the container's users read, one module for each subject; its code has none.

A text is a whole: a constant, or a function that takes what the sentence names.
"""
