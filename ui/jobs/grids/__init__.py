"""Grids on the pages: the script below a form, what a click will do, the sheet as it fills in."""
