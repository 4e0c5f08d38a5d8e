"""What is known of a model, each with who said it."""

import html
from collections.abc import Iterator
from urllib.parse import urlsplit

import streamlit as st

from core.errors import AwsError
from core.models.files import ModelFile
from formats.models.prediction import PredictionType
from ui.components.sharing_fields import title_of as person_title
from ui.errors import show_old
from ui.state import studio, user
from ui.texts.formatting import date_time, escape, file_size
from ui.texts.models import detail as texts

Row = tuple[str, str, str]
"""Name, value, and who said it; the last is empty for what S3 and the studio know themselves."""


def description(file: ModelFile) -> None:
    """The description and the notes as they stand; a link in them stays text."""
    for name in ("description", "notes"):
        if text := getattr(file.known.fields, name):
            st.markdown(f"##### {texts.FIELDS[name]}", anchors=False)
            st.markdown(escape(text))
            st.caption(texts.source(file.known.sources[name]))


def facts(file: ModelFile) -> None:
    """A table of the rest, and the way to its page."""
    st.markdown(f"##### {texts.ABOUT}", anchors=False)
    st.html(_table([*_said(file), *_stored(file)]))
    if url := safe_link(file.known.fields.source_url or ""):
        st.link_button(texts.SOURCE_PAGE, url, icon=":material/open_in_new:", help=escape(url))


def safe_link(url: str) -> str:
    """The address where a click may lead: https to a host, without a name or password in it."""
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return url if is_safe and url.isprintable() and " " not in url else ""


def _said(file: ModelFile) -> Iterator[Row]:
    fields, sources = file.known.fields, file.known.sources
    plain = ("version", "base_model", "author", "licence", "source_url", "negative_words")
    values = {name: getattr(fields, name) or "" for name in plain}
    values["tags"] = ", ".join(fields.tags or ())
    values["weight"] = texts.weights(fields.weight, fields.weight_min, fields.weight_max)
    for name, value in values.items():
        if value:
            who = sources.get(name) or sources.get("weight_min")
            yield texts.FIELDS[name], value, texts.source(who) if who else ""


def _stored(file: ModelFile) -> Iterator[Row]:
    yield texts.FAMILY, file.family.value, ""
    if file.prediction.type:
        yield texts.PREDICTION, _prediction(file), texts.source(texts.FROM_FILE)
    if file.few_step:
        yield texts.FEW_STEP, texts.few_step(file.few_step.kind, file.few_step.source), ""
    yield texts.FILE, file.name, ""
    yield texts.SIZE, file_size(file.size), ""
    yield texts.OWNER, person_title(file.owner), ""
    if file.record.added:
        yield texts.ADDED, date_time(file.record.added), ""
    yield texts.CHANGED, date_time(file.modified), ""
    last = file.record.last_used
    yield texts.USED, texts.used_by(file.record.jobs, date_time(last) if last else ""), ""
    yield texts.KEY, file.key, ""


def _prediction(file: ModelFile) -> str:
    is_v = file.prediction.type is PredictionType.V_PREDICTION
    word = texts.V_PREDICTION if is_v else PredictionType.EPSILON.value
    return f"{word}, {texts.ZERO_SNR}" if file.prediction.zero_terminal_snr else word


def _table(rows: list[Row]) -> str:
    lines = (
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}"
        f"{f'<small>{html.escape(who)}</small>' if who else ''}</td></tr>"
        for name, value, who in rows
    )
    return f"<table class='parameters facts'>{''.join(lines)}</table>"


def hashes(file: ModelFile) -> None:
    """Those that people search by, each with a button that copies it."""
    known = {
        texts.AUTO_V1: file.hashes.auto_v1,
        texts.AUTO_V2: file.hashes.auto_v2,
        texts.AUTO_V3: file.hashes.auto_v3,
        texts.SHA256: file.hashes.sha256,
    }
    with st.expander(texts.HASHES, icon=":material/tag:"):
        if not any(known.values()):
            st.caption(texts.NO_HASHES)
        for name, value in known.items():
            if value:
                st.caption(name)
                st.code(value, language=None, wrap_lines=True)


def jobs(file: ModelFile) -> None:
    """Links to the latest jobs that used it, of those that the user may see."""
    try:
        ids = studio().models.recent_jobs(user(), file.key) if file.record.jobs else ()
    except AwsError as error:
        show_old(str(error))
        return
    if not ids:
        return
    with st.expander(texts.JOBS, icon=":material/photo_library:"):
        for job in ids:
            st.page_link("../pages/jobs.py", label=job, query_params={"job": job})
