"""The public links of a job, as its owner makes, copies and revokes them."""

from functools import partial
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.public_links.records import MAX_DAYS, ListedLink
from core.jobs.records import Job
from ui.components import mount
from ui.errors import messages_of, show_at, show_rest
from ui.routes.limits import PUBLIC
from ui.state import session_value, studio, user
from ui.texts import formatting
from ui.texts.jobs import detail as detail_texts
from ui.texts.jobs import public_links as texts

_DAYS: Final = "public_link.days"
_WITH_PARAMETERS: Final = "public_link.with_parameters"
_NEW: Final = "public_link.new"
_PROBLEMS: Final = "public_link.problems"
_USUAL_DAYS: Final = 7


def forget_new_link() -> None:
    """The dialog is opened anew: what was shown once is not shown again."""
    st.session_state[_NEW] = ""
    st.session_state[_PROBLEMS] = {}


def public_links(job: Job) -> None:
    """The links that there are, and the form of a new one, where the policy allows them."""
    if not job.image_count:
        return
    st.markdown(f"##### {texts.HEADING}", anchors=False)
    if not studio().policy.of().public_links:
        st.caption(texts.NOT_ALLOWED)
        return
    st.caption(texts.ABOUT)
    problems = st.session_state.get(_PROBLEMS, {})
    show_rest(problems, "days")
    for link in studio().public_links.of_job(user(), job.id):
        _listed(job, link)
    _form(job, problems)
    if token := session_value(_NEW, str, ""):
        _shown_once(token)


def _listed(job: Job, link: ListedLink) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        until = formatting.date_time(link.expires_at)
        st.markdown(
            formatting.escape(texts.listed(until, with_parameters=link.with_parameters)),
            width="stretch",
        )
        st.button(
            texts.REVOKE,
            key=f"public_link.revoke.{link.id}",
            icon=":material/link_off:",
            on_click=_attempt,
            args=(partial(_revoke, job.id, link.id),),
        )


def _form(job: Job, problems: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(texts.DAYS, 1, MAX_DAYS, _USUAL_DAYS, key=_DAYS, width=120)
        st.button(
            texts.MAKE,
            key="public_link.make",
            icon=":material/add_link:",
            on_click=_attempt,
            args=(partial(_make, job.id),),
        )
    st.checkbox(texts.WITH_PARAMETERS, key=_WITH_PARAMETERS)
    show_at(problems, "days")


def _shown_once(token: str) -> None:
    page = urlsplit(st.context.url or "")
    path = f"{PUBLIC}{token}"
    st.code(f"{page.scheme}://{page.netloc}{path}" if page.netloc else path, wrap_lines=True)
    st.caption(texts.ONCE)
    items = [{"label": texts.COPY, "path": path}]
    mount("jobs/copy_texts", "public_link.copy", {"items": items, "texts": detail_texts.COPY})


def _attempt(act: partial[None]) -> None:
    """An error is shown in the dialog, which hides the page's notice."""
    st.session_state[_NEW], st.session_state[_PROBLEMS] = "", {}
    try:
        act()
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)


def _make(job_id: str) -> None:
    state = st.session_state
    made = studio().public_links.create(
        user(), job_id, int(state[_DAYS]), with_parameters=bool(state[_WITH_PARAMETERS])
    )
    state[_NEW] = made.token.get_secret_value()


def _revoke(job_id: str, link_id: str) -> None:
    studio().public_links.revoke(user(), job_id, link_id)
