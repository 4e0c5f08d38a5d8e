"""Gives an image to a form: to start from, or to a ControlNet unit."""

from core.images.files import check_image
from formats.generation.parameters import Mode
from formats.limits import MAX_CONTROLNET_UNITS
from ui.form.image.image_field import START_IMAGE, unit_image
from ui.form.state import Form
from ui.form.values import Source, UnitValues


def use_as_start(form: Form, data: bytes) -> None:
    """From a callback: img2img from it, or the mode that the form has where that takes an image.

    Raises InvalidInput for what is no image.
    """
    image = check_image(data, START_IMAGE.name)
    mode = Mode(form.get("mode"))
    form.put(mode=mode if mode.needs_image else Mode.IMG2IMG)
    form.put_image(START_IMAGE.name, image)
    form.set_problems()


def use_for_unit(form: Form, data: bytes, index: int) -> None:
    """From a callback: the unit, counted from 0, takes its map from it. One that isn't there yet is
    added. Raises InvalidInput for what is no image."""
    image = check_image(data, unit_image(index).name)
    units = form.values().units
    missing = [UnitValues(source=Source.IMAGE) for _ in range(index + 1 - len(units))]
    units = [*units, *missing]
    changes = {"enabled": True, "source": Source.IMAGE}
    units[index] = units[index].model_copy(update=changes)
    form.put(units=units)
    form.put_image(unit_image(index).name, image)
    form.set_problems()


def offered_units(form: Form) -> range:
    """The indices of the units that can take an image: those there are, and one more."""
    return range(min(len(form.kept.units) + 1, MAX_CONTROLNET_UNITS))
