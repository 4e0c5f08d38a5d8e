"""Turns a form's ControlNet units into a draft's, and those of a job back into filled units."""

from typing import Any

from core.jobs.preparing.draft import DraftUnit
from formats.generation.controlnet_unit import Preprocessor
from formats.openpose.skeleton import Skeleton
from ui.form.image.image_field import unit_image
from ui.form.state import Form
from ui.form.values import FormValues, Source, UnitValues
from ui.pose.board import board_of, pose_to_send, sketch_map


def unit_drafts(form: Form, values: FormValues) -> tuple[DraftUnit, ...]:
    """The units that are switched on."""
    return tuple(
        unit_draft(form, index, unit) for index, unit in enumerate(values.units) if unit.enabled
    )


def unit_draft(form: Form, index: int, unit: UnitValues) -> DraftUnit:
    """One unit with the pose or the image that its source names."""
    return DraftUnit(
        **_source(form, index, unit),
        model=unit.model or "",
        weight=unit.weight,
        start=unit.span[0],
        end=unit.span[1],
        control_mode=unit.mode,
        resize_mode=unit.resize,
    )


def _source(form: Form, index: int, unit: UnitValues) -> dict[str, Any]:
    board = board_of(form, index, unit)
    if unit.source is Source.POSE:
        return {"pose": pose_to_send(board)}
    if unit.source is Source.SKETCH:
        return {"image": sketch_map(board)}
    return {"image": form.image(unit_image(index).name), **_preprocessing(unit)}


def _preprocessing(unit: UnitValues) -> dict[str, Any]:
    """The preprocessor with the settings that it has."""
    if unit.preprocessor is Preprocessor.NONE:
        return {}
    settings: dict[str, Any] = {"resolution": None if unit.pixel_perfect else unit.resolution}
    if unit.preprocessor is Preprocessor.CANNY:
        settings |= {"threshold_a": unit.edges[0], "threshold_b": unit.edges[1]}
    if unit.preprocessor is Preprocessor.THRESHOLD:
        settings["threshold_a"] = unit.brightness
    return {"preprocessor": unit.preprocessor, **settings}


def fill_units(form: Form, units: tuple[DraftUnit, ...]) -> None:
    """The first pose goes onto the shared board; a unit with another one gets its own."""
    if not units:
        return
    pose = next((unit.pose for unit in units if unit.pose), None)
    form.put(pose=pose, saved=None, units=[_unit_values(unit, pose) for unit in units])
    for index, unit in enumerate(units):
        form.put_image(unit_image(index).name, unit.image)


def _unit_values(unit: DraftUnit, shared: Skeleton | None) -> UnitValues:
    own = unit.pose is not None and unit.pose != shared
    return UnitValues(
        source=Source.POSE if unit.pose else Source.IMAGE,
        own=own,
        pose=unit.pose if own else None,
        **unit_settings(unit),
    )


def unit_settings(unit: DraftUnit) -> dict[str, Any]:
    """What the widgets of a filled unit hold, but for its source."""
    return {
        "model": unit.model,
        "weight": unit.weight,
        "span": (unit.start, unit.end),
        "mode": unit.control_mode,
        "resize": unit.resize_mode,
        **_preprocessor_values(unit),
    }


def _preprocessor_values(unit: DraftUnit) -> dict[str, Any]:
    """The reverse of `_preprocessing`: what its widgets hold."""
    a, b = unit.threshold_a, unit.threshold_b
    values: dict[str, Any] = {
        "preprocessor": unit.preprocessor,
        "pixel_perfect": unit.resolution is None,
    }
    if unit.resolution is not None:
        values["resolution"] = unit.resolution
    if unit.preprocessor is Preprocessor.CANNY and a is not None and b is not None:
        values["edges"] = (a, b)
    if unit.preprocessor is Preprocessor.THRESHOLD and a is not None:
        values["brightness"] = a
    return values
