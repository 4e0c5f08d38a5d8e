"""Fills the form that somebody sees who never typed anything."""

from core import demo
from ui.form.values import FormValues
from ui.state import studio


def first_values() -> FormValues:
    """An empty form, or with the demo models one that only waits for the button."""
    settings = studio().settings
    if not (settings.embedded and settings.demo):
        return FormValues()
    return FormValues(
        endpoint=demo.ENDPOINT,
        checkpoints=[demo.CHECKPOINT],
        prompt=demo.PROMPT,
        width=demo.SIDE,
        height=demo.SIDE,
        cfg_scale=demo.CFG_SCALE,
    )
