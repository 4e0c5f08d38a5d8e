"""Who may see a job: its mark in lists, and the dialog in which its owner changes that."""

import streamlit as st

from core.errors import AwsError, ContrappostoError
from core.jobs.records import Job
from core.team.permissions import Action, Visibility
from core.team.sharing import MAX_SHARED
from ui.errors import messages_of, show_old, show_rest
from ui.state import may, studio, user
from ui.texts.formatting import escape
from ui.texts.team import sharing as texts

_VISIBILITY = "share.visibility"
_PEOPLE = "share.people"
_PROBLEMS = "share.problems"


def has_others() -> bool:
    """Whether there is anybody to hide things from, or to show them to."""
    return not studio().access.allows_all


def mark_of(job: Job) -> str:
    """Whose a job is and who sees it, in a word or two; empty where nobody signs in."""
    if not has_others():
        return ""
    if job.owner != user().name:
        return title_of(job.owner)
    return texts.mark(job.visibility, len(job.shared_with))


def title_of(name: str) -> str:
    """What is shown of somebody; the name where nothing better is known now."""
    try:
        return studio().colleagues.titles().get(name, name)
    except AwsError:
        return name


def share_button(job: Job) -> None:
    """For the owner alone."""
    if not has_others() or not may(Action.SHARE, job.item):
        return
    if st.button(
        texts.SHARE,
        key=f"share.{job.id}",
        icon=":material/share:",
        help=escape(texts.now(job.visibility, [title_of(name) for name in job.shared_with])),
    ):
        st.session_state[_VISIBILITY] = job.visibility
        st.session_state[_PEOPLE] = list(job.shared_with)
        st.session_state[_PROBLEMS] = {}
        _dialog(job)


@st.dialog(texts.QUESTION)
def _dialog(job: Job) -> None:
    show_rest(st.session_state[_PROBLEMS])
    st.radio(
        texts.VISIBILITY,
        list(Visibility),
        key=_VISIBILITY,
        format_func=texts.VISIBILITIES.get,
        label_visibility="collapsed",
    )
    if st.session_state[_VISIBILITY] is Visibility.PRIVATE:
        _people()
    st.caption(texts.JOB_NOTE)
    is_asked = st.button(
        texts.SAVE, type="primary", key="share.save", on_click=_save, args=(job.id,)
    )
    if is_asked and not st.session_state[_PROBLEMS]:
        st.rerun()


def _people() -> None:
    """Those whom it is shared with stay on offer, also where they left the team."""
    try:
        titles = studio().colleagues.titles()
    except AwsError as error:
        show_old(str(error))
        titles = {}
    others = [name for name in titles if name != user().name]
    gone = [name for name in st.session_state[_PEOPLE] if name not in titles]
    st.multiselect(
        texts.PEOPLE,
        sorted(others, key=lambda name: titles[name].casefold()) + gone,
        key=_PEOPLE,
        max_selections=MAX_SHARED,
        format_func=lambda name: titles.get(name, name),
        placeholder=texts.NOBODY,
    )


def _save(job_id: str) -> None:
    state = st.session_state
    visibility = state[_VISIBILITY]
    people = tuple(state.get(_PEOPLE, ())) if visibility is Visibility.PRIVATE else ()
    try:
        studio().jobs.share(user(), job_id, visibility, people)
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
    else:
        state[_PROBLEMS] = {}
