"""Owns an inpaint form's mask: what was painted on its image, or an uploaded one."""

import hashlib
import json
import logging
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st
from pydantic import Field, ValidationError

from core.errors import InvalidInput
from core.images.mask import draw_mask, fit_mask, paste_patch
from formats.frozen import Tolerant
from ui.form.image.image_field import MASK, START_IMAGE, image_size
from ui.form.state import Form
from ui.form.values import FormValues, MaskSource
from ui.state import session_value

log = logging.getLogger(__name__)

_FILE: Final = "mask.json"
"""The form's file with what was painted, and on which image."""
_DIGEST: Final = "picture"
_MASK: Final = "mask"
_MAX_BRUSH: Final = 210


@dataclass(frozen=True)
class EditorState:
    """What the browser was given, and how much of what it painted since is kept."""

    rev: str
    """Names the mask that was loaded; what was painted on another one is passed over."""
    loaded: bytes | None
    mask: bytes | None
    taken: int = 0
    """The browser's version of `mask`."""
    brush: int | None = None
    """The brush that it was painted with."""


class _Patch(Tolerant):
    """What the browser painted since the version that it knows to be kept."""

    rev: str
    version: int
    box: tuple[int, int, int, int]
    png: str = Field(max_length=2**25)
    brush: int = Field(ge=1, le=_MAX_BRUSH)


def mask_of(form: Form, values: FormValues) -> bytes | None:
    """The mask as PNG, with what no run has shown yet; None where there is none."""
    if values.mask_source is MaskSource.OUTPAINT:
        return None  # made with the image that is extended
    if values.mask_source is MaskSource.UPLOAD:
        return form.image(MASK.name)
    image = form.image(START_IMAGE.name)
    return painted_mask(form, image) if image else None


def painted_mask(form: Form, image: bytes) -> bytes | None:
    """What was painted on this image, PNG of its size; None for nothing.

    A button pressed right after a stroke is heard before the editor runs again.
    """
    return editor_state(form, image).mask


def paint_on(form: Form, image: bytes, mask: bytes) -> None:
    """From a callback: go on painting an uploaded mask, stretched to the image as a job does."""
    _keep_mask(form, image, fit_mask(mask, image_size(image)))
    form.put(mask_source=MaskSource.PAINT)


def editor_key(form: Form, image: bytes) -> str:
    """The session key of the editor of this image's mask."""
    return form.key(f"mask.editor.{image_digest(image)}")


def editor_state(form: Form, image: bytes) -> EditorState:
    """The state of the image's editor, with what the browser has sent since."""
    key = editor_key(form, image)
    last, kept = session_value(f"{key}.state", EditorState), _kept_mask(form, image)
    if last is None or last.mask != kept:
        last = EditorState(secrets.token_hex(8), loaded=kept, mask=kept)
    state = state_after(last, st.session_state.get(key), image_size(image))
    if state.mask != last.mask:
        _keep_mask(form, image, state.mask)
    if state.brush and state.brush != form.get("brush"):
        form.put(brush=state.brush)
    st.session_state[f"{key}.state"] = state
    return state


def reloaded(form: Form, image: bytes) -> EditorState:
    """The same for an editor that the page shows anew: the browser loads what is kept now."""
    key, state = editor_key(form, image), editor_state(form, image)
    if not st.session_state.get(key):
        state = replace(state, loaded=state.mask)
        st.session_state[f"{key}.state"] = state
    return state


def state_after(state: EditorState, answer: Any, size: tuple[int, int]) -> EditorState:
    """The state with what the browser answered for an image of `size`, if that is news.

    What can't be read is logged, and not looked at again.
    """
    patch = _patch_of(answer)
    if patch is None or patch.rev != state.rev or patch.version <= state.taken:
        return state
    taken = replace(state, taken=patch.version, brush=patch.brush)
    try:
        data = b64decode(patch.png.partition(",")[2], validate=True)
        return replace(taken, mask=paste_patch(state.mask, size, patch.box, data))
    except (Base64Error, InvalidInput) as error:
        log.warning("event=mask_patch_ignored why=%s", error)
        return taken


def _patch_of(answer: Any) -> _Patch | None:
    """What the browser sent, where it is such a thing; the log tells of anything else."""
    sent = answer.get("patch") if isinstance(answer, Mapping) else None
    if sent is None:
        return None
    try:
        return _Patch.model_validate(sent)
    except ValidationError as error:
        fields = [each["loc"] for each in error.errors(include_url=False, include_input=False)]
        log.warning("event=mask_patch_ignored why=fields fields=%s", fields)
        return None


def _keep_mask(form: Form, image: bytes, mask: bytes | None) -> None:
    text = b64encode(mask).decode() if mask else None
    form.put_file(_FILE, json.dumps({_DIGEST: image_digest(image), _MASK: text}).encode())


def _kept_mask(form: Form, image: bytes) -> bytes | None:
    data = form.file(_FILE)
    return _read_mask(data, image_digest(image), *image_size(image)) if data else None


@st.cache_data(max_entries=16, show_spinner=False)
def _read_mask(data: bytes, digest: str, width: int, height: int) -> bytes | None:
    """The mask that was painted on the image of that digest; of version 0.1 there are strokes."""
    try:
        kept = json.loads(data)
        if kept[_DIGEST] != digest:
            return None
        if _MASK in kept:
            return b64decode(kept[_MASK], validate=True) if kept[_MASK] else None
        return draw_mask(kept, width, height)
    except (ValueError, KeyError, TypeError) as error:  # PoseError and Base64Error are ValueErrors
        log.warning("event=kept_mask_unreadable why=%r", error)
        return None


@st.cache_data(max_entries=32, show_spinner=False)
def image_digest(image: bytes) -> str:
    """Tells one image from another."""
    return hashlib.sha256(image).hexdigest()[:16]
