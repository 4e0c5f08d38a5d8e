"""What can be done with the jobs that are selected in the list."""
