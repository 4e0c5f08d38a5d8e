"""Reads freehand strokes as one figure's skeleton."""
