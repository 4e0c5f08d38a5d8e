"""The pose studio: editor, sketch, photo, library."""
