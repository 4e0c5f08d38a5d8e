"""Where a job's time went: a bar of its stages, and behind it a table."""

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.jobs.detail.timeline import JobStage, StageSpan, downloaded_bytes, timeline
from core.jobs.service import JobDetail
from ui.texts import formatting
from ui.texts.jobs import detail as texts

_LEAST_SHARE: Final = 0.004
"""What is shorter than so much of the whole can't be seen in the bar."""


def stage_timeline(detail: JobDetail) -> None:
    """The bar with the table. Of an open job the live line tells the stage; a bar would be old at
    once."""
    if detail.job.state.is_open:
        return
    spans = timeline(detail.job, detail.result, datetime.now(UTC))
    seconds = sum(span.seconds for span in spans)
    st.markdown(f"##### {texts.TIMELINE}", anchors=False)
    st.html(
        f"<details class='timeline'><summary>{_bar(spans, seconds)}"
        f"<span>{html.escape(texts.total(seconds))}</span></summary>"
        f"{_table(detail, spans, seconds)}</details>"
    )


def _bar(spans: Sequence[StageSpan], seconds: float) -> str:
    """One part for each stage, as wide as its share."""
    parts = "".join(
        f"<i class='stage-{_number(span)}' style='flex-grow:{span.seconds / seconds:.4f}'"
        f" title='{html.escape(texts.timeline_summary((span,)))}'></i>"
        for span in spans
        if seconds and span.seconds / seconds >= _LEAST_SHARE
    )
    label = html.escape(texts.timeline_summary(spans))
    return f"<span class='bar' role='img' aria-label='{label}'>{parts}</span>"


def _table(detail: JobDetail, spans: Sequence[StageSpan], seconds: float) -> str:
    head = "".join(
        f"<th scope='col'>{html.escape(name)}</th>"
        for name in (texts.STAGE, texts.TIME, texts.SHARE_OF_TIME)
    )
    rows = "".join(_row(detail, span, seconds) for span in spans)
    return f"<table class='parameters'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(detail: JobDetail, span: StageSpan, seconds: float) -> str:
    share = formatting.percent(span.seconds / seconds) if seconds else ""
    name = f"{span.stage} {_downloaded(detail, span)}".strip()
    return (
        f"<tr><th scope='row'><i class='stage-{_number(span)}'></i>{html.escape(name)}</th>"
        f"<td>{texts.precise(span.seconds)}</td><td>{share}</td></tr>"
    )


def _downloaded(detail: JobDetail, span: StageSpan) -> str:
    if span.stage is not JobStage.FETCH or detail.result is None:
        return ""
    size = downloaded_bytes(detail.result)
    return texts.downloading(size) if size else ""


def _number(span: StageSpan) -> int:
    """Of its colour."""
    return list(JobStage).index(span.stage)
