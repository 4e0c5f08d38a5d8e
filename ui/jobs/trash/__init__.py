"""The trash of jobs on the page Jobs: the way in with its undo, the list, the ways out."""
