"""What a studio keeps, in a folder: written from one studio, read into another."""
