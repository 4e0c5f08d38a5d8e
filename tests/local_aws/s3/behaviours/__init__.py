"""The table of S3 behaviours, a module for each subject."""
