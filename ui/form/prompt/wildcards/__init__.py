"""The library of wildcard files, in a dialog below the prompts."""
