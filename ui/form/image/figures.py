"""Owns the figures on an inpaint form's image: found in it, else those of the form's pose."""

from typing import Final

import streamlit as st
from pydantic import ValidationError

from core.poses.files import pose_from_image
from formats.frozen import Tolerant
from formats.openpose.skeleton import Skeleton
from ui.form.image.mask import image_digest
from ui.form.state import Form
from ui.texts.form import mask as texts

_FILE: Final = "figures.json"
"""The form's file with the figures that were found, and on which image."""


class _Found(Tolerant):
    picture: str
    pose: Skeleton


def figures_on(form: Form, image: bytes) -> Skeleton | None:
    """The figures, on a canvas of the image's proportions or of the form's; None for none."""
    found = _found(form, image)
    if found and found.people:
        return found
    poses = [form.kept.pose, *(unit.pose for unit in form.kept.units)]
    return next((pose for pose in poses if pose and pose.people), None)


def find_button(form: Form, image: bytes) -> None:
    """Looks for people in the image; says so where nobody was found."""
    found = _found(form, image)
    if found is None:
        st.button(
            texts.FIND_FIGURES,
            key=form.key("figures.find"),
            type="tertiary",
            icon=":material/person_search:",
            on_click=_find,
            args=(form, image),
            help=texts.FIND_FIGURES_HELP,
        )
    elif not found.people:
        st.caption(texts.NOBODY_FOUND)


def _find(form: Form, image: bytes) -> None:
    found = _Found(picture=image_digest(image), pose=pose_from_image(image).skeleton)
    form.put_file(_FILE, found.model_dump_json().encode())


def _found(form: Form, image: bytes) -> Skeleton | None:
    data = form.file(_FILE)
    if data is None:
        return None
    try:
        found = _Found.model_validate_json(data)
    except ValidationError:
        return None  # another version's; it is found again at a click
    return found.pose if found.picture == image_digest(image) else None
