"""The images that a form holds: upload, preview, remove; what a field holds survives a reload."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st
from PIL import Image

from core.errors import InvalidInput
from core.images.files import InputImage, check_image, check_mask
from formats.image_files import FILE_ENDINGS
from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from ui.errors import messages_of, show_at
from ui.form.state import Form
from ui.state import session_value
from ui.texts.form import controlnet
from ui.texts.form import form as texts

_PREVIEW_SIDE: Final = 480


@dataclass(frozen=True)
class ImageField:
    """One image of a form: its name there, and the words around it."""

    name: str
    label: str
    alt: str
    remove: str = texts.REMOVE_IMAGE
    check: Callable[[bytes, str], InputImage] = check_image


START_IMAGE: Final = ImageField("init_picture", texts.START_IMAGE, texts.START_IMAGE_ALT)
MASK: Final = ImageField(
    "mask",
    texts.MASK_IMAGE,
    texts.MASK_ALT,
    texts.REMOVE_MASK,
    check_mask,
)


def unit_image(index: int) -> ImageField:
    """The image of a ControlNet unit; its index counts from 0."""
    number = index + 1
    return ImageField(
        f"map_picture_{number}" if index else "map_picture",
        controlnet.image(number),
        controlnet.image_alt(number),
    )


def start_image(form: Form, *, preview: bool = True) -> bytes | None:
    """The image that a job starts from; without a preview where something else shows it."""
    data = image_field(form, START_IMAGE, preview=preview)
    show_at(form.problems, START_IMAGE.name)
    return data


def image_field(form: Form, field: ImageField, *, preview: bool = True) -> bytes | None:
    """An uploader, or the image with a button to remove it. Returns the image, PNG."""
    data = form.image(field.name)
    if data is None:
        _uploader(form, field)
        return None
    if preview:
        image_preview(data, field.alt)
    with st.container(horizontal=True):
        st.button(
            field.remove,
            key=form.key(f"{field.name}.remove"),
            type="tertiary",
            icon=":material/close:",
            on_click=form.put_image,
            args=(field.name, None),
        )
        if field is START_IMAGE and form.get("mode").uses_checkpoint:
            _size_button(form, data)
    return data


def _uploader(form: Form, field: ImageField) -> None:
    key = form.key(f"{field.name}.upload")
    st.file_uploader(
        field.label,
        type=list(FILE_ENDINGS),
        key=key,
        on_change=_take_upload,
        args=(form, field, key),
    )
    show_at(session_value(_problems_key(form, field), dict, {}), field.name)


def _problems_key(form: Form, field: ImageField) -> str:
    return form.key(f"{field.name}.problems")


def _take_upload(form: Form, field: ImageField, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    problems: dict[str, str] = {}
    try:
        image = field.check(uploaded.getvalue(), field.name)
        form.put_image(field.name, image)
        form.set_problems()
        if image.is_animated:
            st.toast(texts.ANIMATED)
    except InvalidInput as error:
        problems = messages_of(error)
    st.session_state[_problems_key(form, field)] = problems


def _size_button(form: Form, data: bytes) -> None:
    st.button(
        texts.TAKE_SIZE,
        key=form.key(f"{START_IMAGE.name}.size"),
        type="tertiary",
        icon=":material/straighten:",
        on_click=_take_size,
        args=(form, data),
        help=texts.TAKE_SIZE_HELP,
    )


def _take_size(form: Form, data: bytes) -> None:
    """The nearest size that a request may have, in the image's proportions."""
    size = image_size(data)
    scale = min(1, MAX_SIDE / max(size))
    sides = [round(side * scale / SIDE_STEP) * SIDE_STEP for side in size]
    width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in sides)
    form.put(width=width, height=height)


@st.cache_data(max_entries=64, show_spinner=False)
def image_size(data: bytes) -> tuple[int, int]:
    """Width and height of a checked image in pixels."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def image_preview(data: bytes, alt: str) -> None:
    """A small copy of a checked image."""
    st.image(_small(data), width=240, alt=alt)


@st.cache_data(max_entries=32, show_spinner=False)
def _small(data: bytes) -> bytes:
    """A WebP copy: Streamlit decodes what it is given again on every rerun."""
    image = Image.open(io.BytesIO(data))
    image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=85)
    return buffer.getvalue()
