"""What a job really ran with: its model files, the sampler's class, and what was otherwise."""

import html
from collections.abc import Iterator

import streamlit as st

from core.jobs.service import JobDetail
from formats.generation.result import GenerationResult
from ui.texts.formatting import escape
from ui.texts.jobs import detail as texts
from ui.texts.jobs import parameter_table


def applied_parts(detail: JobDetail) -> None:
    """The section; nothing of a job that is still open."""
    if detail.job.state.is_open:
        return
    st.markdown(f"##### {texts.APPLIED}", anchors=False)
    result = detail.result
    if result is None:
        st.caption(texts.NOT_APPLIED)
        return
    if result.models:
        st.html(_models(result))
    if any(model.keys_unmatched for model in result.models):
        st.caption(texts.UNMATCHED_HELP)
    for note in _notes(result):
        st.warning(escape(note), icon=":material/info:")
    told = "".join(
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in _told(detail)
    )
    if told:
        st.html(f"<table class='parameters'>{told}</table>")


def _models(result: GenerationResult) -> str:
    head = "".join(
        f"<th scope='col'>{html.escape(name)}</th>" for name in (texts.MODEL, texts.HASH, texts.HOW)
    )
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(model.kind.label)}<br><b>{html.escape(model.name)}</b>"
        f"</th><td><code title='{model.sha256}'>{model.sha256[:10]}</code></td>"
        f"<td>{html.escape(texts.applied_how(model))}</td></tr>"
        for model in result.models
    )
    return (
        f"<table class='parameters applied'><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _notes(result: GenerationResult) -> Iterator[str]:
    """What went otherwise than asked."""
    if result.approximate:
        yield result.approximate
    yield from result.notes


def _told(detail: JobDetail) -> Iterator[tuple[str, str]]:
    """The sampler beside its class, what the checkpoint predicts, and the machine."""
    result, request = detail.result, detail.request
    if result is None:
        return
    if result.sampler_class and request:
        asked = f"{request.sampler}, {request.schedule}"
        yield texts.SAMPLER_CLASS, f"{asked} → {result.sampler_class}"
    if result.prediction:
        yield texts.PREDICTION, texts.PREDICTIONS.get(result.prediction, result.prediction)
    if result.tokens is not None:
        yield parameter_table.TOKENS, str(result.tokens)
    if result.device or result.container:
        yield parameter_table.DRAWN_ON, parameter_table.drawn_on(result.device, result.container)
