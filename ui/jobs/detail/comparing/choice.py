"""Owns what a job's image is compared with: it stands in the address, as the job does."""

from typing import Final, NamedTuple

import streamlit as st

from core.ids import created_at
from core.jobs.service import JobDetail
from ui.jobs.detail.neighbours import listed
from ui.state import session_value
from ui.texts import formatting
from ui.texts.jobs import comparing as texts

_PARAMETER: Final = "with"
_VIEWED: Final = "jobs.viewed"
_VIEWED_KEPT: Final = 10

CHOOSE: Final = "choose"
"""Nothing yet: there is neither map nor source."""
MAP: Final = "map"
SOURCE: Final = "source"


class Choice(NamedTuple):
    """A control map or the source image of the job itself, or an image of another job."""

    kind: str
    """`CHOOSE`, `MAP`, `SOURCE`, or another job's id."""
    number: int = 0
    """Of the map or of the image, counting from 0."""

    @property
    def text(self) -> str:
        """As it stands in the address: `map.1`, a job's id."""
        return f"{self.kind}.{self.number}" if self.number else self.kind


def current_choice() -> Choice | None:
    """What the address says; None where nothing is compared."""
    text = str(st.query_params.get(_PARAMETER, ""))
    return _read(text) if text else None


def _read(text: str) -> Choice:
    kind, _, number = text.rpartition(".")
    is_number = number.isascii() and number.isdigit() and len(number) < 4
    return Choice(kind, int(number)) if kind and is_number else Choice(text)


def compare_with(choice: Choice | None) -> None:
    """Compare with this from now on, or no more."""
    # An empty value, not none: the browser keeps its address where no parameter is left.
    st.query_params[_PARAMETER] = choice.text if choice else ""


def note_viewed(job_id: str) -> None:
    """Remember that somebody looked at this job."""
    before = [each for each in viewed() if each != job_id]
    st.session_state[_VIEWED] = (job_id, *before)[:_VIEWED_KEPT]


def viewed() -> tuple[str, ...]:
    """The jobs that were looked at, the latest first."""
    return session_value(_VIEWED, tuple, ())


def default_choice(detail: JobDetail) -> Choice:
    """The job's pose map, else its source, else its first map, else the job viewed before it."""
    own = own_choices(detail)
    before = [each for each in viewed() if each != detail.job.id]
    return next(iter([*own, *map(Choice, before)]), Choice(CHOOSE))


def own_choices(detail: JobDetail) -> tuple[Choice, ...]:
    """The maps and the source that the job has; maps of poses first."""
    request, result = detail.request, detail.result
    units = request.controlnets if request else ()
    maps = range(result.maps if result else 0)
    poses = [n for n in maps if n < len(units) and units[n].pose]
    found = [Choice(MAP, n) for n in poses]
    found += [Choice(SOURCE)] if request and request.init_image else []
    return (*found, *(Choice(MAP, n) for n in maps if n not in poses))


def choice_box(detail: JobDetail, current: Choice) -> Choice:
    """The box: maps, source, the jobs that were viewed and those of the list; an id can be
    typed."""
    labels = {choice.text: _own_label(choice) for choice in own_choices(detail)}
    others = dict.fromkeys((*viewed(), *listed()))
    labels |= {each: job_label(each) for each in others if each != detail.job.id}
    if current.kind not in (CHOOSE, MAP, SOURCE):
        labels.setdefault(current.kind, job_label(current.kind))
    options = list(labels)
    shown = current.text if current.text in labels else current.kind
    picked = st.selectbox(
        texts.COMPARE_WITH,
        options,
        index=options.index(shown) if shown in labels else None,
        format_func=lambda value: labels.get(value, value),
        key=f"compare.with.{detail.job.id}.{shown}",
        placeholder=texts.CHOOSE,
        accept_new_options=True,
        help=texts.COMPARE_WITH_HELP,
    )
    text = str(picked or "").strip()
    return current if text in ("", shown) else _read(text)


def _own_label(choice: Choice) -> str:
    return texts.SOURCE if choice.kind == SOURCE else texts.map_number(choice.number + 1)


def job_label(job_id: str) -> str:
    """`time → id`; of what is no id the text itself."""
    try:
        return texts.job_name(formatting.date_time(created_at(job_id)), job_id)
    except ValueError:
        return job_id
