"""Two images in one place: slider, side by side, difference; and what differs in their making."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import streamlit as st

from core.errors import InvalidInput, NotAllowed, NotFound
from core.jobs.detail.comparison import ComparedImage, differences
from core.jobs.records import Job
from core.jobs.service import JobDetail
from formats.keys import input_key
from ui.components import mount
from ui.jobs.detail.comparing.choice import (
    CHOOSE,
    MAP,
    SOURCE,
    Choice,
    choice_box,
    compare_with,
    default_choice,
    job_label,
    own_choices,
)
from ui.jobs.detail.comparing.table import difference_table
from ui.state import studio, user
from ui.texts import formatting
from ui.texts.jobs import comparing as texts
from ui.texts.jobs import detail as detail_texts

_SQUARE: Final = (1, 1)

ReadDetail = Callable[[Job], JobDetail]


class _Other(NamedTuple):
    """What the job's image is compared with."""

    side: dict[str, Any]
    image: ComparedImage | None = None
    """None for a map or a source, which have no parameters."""


def compare_button(detail: JobDetail) -> None:
    """Begins a comparison with what fits the job best."""
    if detail.job.image_count and st.button(
        texts.COMPARE, key="compare.begin", icon=":material/compare:"
    ):
        compare_with(default_choice(detail))
        st.rerun()


def comparison(
    detail: JobDetail, current: Choice, read: ReadDetail, show_alone: Callable[[], int]
) -> int:
    """The comparison in the viewer's place. Returns the index of the job's image in it.

    `read` gives another job's detail; `show_alone` shows this one while there is no other.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container():
            choice = choice_box(detail, current)
        if st.button(texts.END_COMPARISON, key="compare.end", icon=":material/close:"):
            compare_with(None)
            st.rerun()
    if choice != current:
        compare_with(choice)
    with st.container(horizontal=True, gap="medium"):
        other = _other(detail, choice, read)
        index = 0 if other is None else _number(detail.job, texts.PICTURE_HERE, 0)
    if other is None:
        return show_alone()
    _pair(detail, index, other)
    return index


def _pair(detail: JobDetail, index: int, other: _Other) -> None:
    is_swapped = bool(st.session_state.get("compare.pair", {}).get("swapped", False))
    sides = [other.side, _side(detail, index, texts.THIS)]
    left, right = reversed(sides) if is_swapped else sides
    mount(
        "jobs/compare",
        "compare.pair",
        {
            "left": left,
            "right": right,
            "swapped": is_swapped,
            "texts": {**detail_texts.VIEWER, **texts.COMPONENT},
        },
        default={"swapped": False},
        on_swapped_change=lambda: None,
    )
    if other.image:
        images = [other.image, _compared(detail, index)]
        old, new = reversed(images) if is_swapped else images
        difference_table(differences(old, new), str(left["label"]), str(right["label"]))


def _other(detail: JobDetail, choice: Choice, read: ReadDetail) -> _Other | None:
    if choice.kind == CHOOSE:
        return None
    if choice.kind in (MAP, SOURCE):
        return _own(detail, choice)
    try:
        found = read(studio().jobs.get(user(), choice.kind))
    except (InvalidInput, NotAllowed, NotFound) as error:
        st.warning(formatting.escape(str(error)), icon=":material/search_off:")
        return None
    if not found.job.image_count:
        st.warning(texts.NO_IMAGE, icon=":material/hide_image:")
        return None
    index = _number(found.job, texts.PICTURE_THERE, choice.number)
    if index != choice.number:
        compare_with(Choice(choice.kind, index))
    return _Other(_side(found, index, job_label(found.job.id)), _compared(found, index))


def _own(detail: JobDetail, choice: Choice) -> _Other | None:
    if choice not in own_choices(detail) or detail.request is None:
        st.warning(texts.NOT_THERE, icon=":material/hide_image:")
        return None
    job, urls = detail.job, studio().urls(user())
    if choice.kind == MAP:
        label = texts.map_number(choice.number + 1)
        url = urls.map(job.id, choice.number, job.bucket)
    else:
        label = texts.SOURCE
        key = input_key(detail.request.init_image or "")
        url = studio().tokens.url(user().name, key, job.bucket)
    width, height = _size(detail, 0)
    return _Other({"url": url, "label": label, "alt": label, "width": width, "height": height})


def _number(job: Job, label: str, index: int) -> int:
    """Which image of a job; there is a choice where there are several."""
    if job.image_count < 2:
        return 0
    picked = st.segmented_control(
        label,
        range(job.image_count),
        default=min(index, job.image_count - 1),
        format_func=lambda number: str(number + 1),
        key=f"compare.{job.id}.{index}",
        required=True,
    )
    return int(picked or 0)


def _side(detail: JobDetail, index: int, name: str) -> dict[str, Any]:
    job, urls = detail.job, studio().urls(user())
    width, height = _size(detail, index)
    label = texts.image_of(name, index + 1, job.image_count)
    return {
        "url": urls.output(job.id, index, job.bucket),
        "thumb": urls.thumbnail(job.id, index, job.bucket),
        "label": label,
        "alt": f"{label}: {formatting.headline(job.prompt)}",
        "width": width,
        "height": height,
    }


def _size(detail: JobDetail, index: int) -> tuple[int, int]:
    images = detail.result.pictures if detail.result else ()
    if index < len(images):
        return images[index].width, images[index].height
    return detail.request.size if detail.request else _SQUARE


def _compared(detail: JobDetail, index: int) -> ComparedImage:
    return ComparedImage(request=detail.request, result=detail.result, index=index)
