"""The update of an endpoint on its card: the dialog that begins one, and what came of it."""

import streamlit as st

from core.endpoints.lifecycle.update_record import UpdateOutcome
from core.endpoints.service import Endpoint, EndpointStatus
from core.errors import AwsError, ContrappostoError
from core.team.permissions import Action
from ui.endpoints.instance_type import (
    chosen_types,
    fill_types,
    instance_type_field,
    shortage_problems,
)
from ui.errors import attempt, messages_of, show_at, show_rest
from ui.state import may, studio, user
from ui.texts import formatting
from ui.texts import lifecycle as texts

_KEY = "endpoints.update"
_TYPE = f"{_KEY}.type"
_IMAGE = f"{_KEY}.image"
_NUMBER = f"{_KEY}.number"
_PROBLEMS = f"{_KEY}.problems"


def update_panel(endpoint: Endpoint) -> None:
    """What an update is doing or came to; nothing where there is none."""
    if update := studio().updates.known().get(endpoint.name):
        said = formatting.escape(texts.update(update))
        if update.outcome is UpdateOutcome.RUNNING:
            st.info(said, icon=":material/update:")
        else:
            _failed(endpoint, said)


def update_button(endpoint: Endpoint) -> None:
    """Asks for the next update, once the last one is over and was read."""
    if endpoint.name in studio().updates.known():
        return
    if endpoint.status is EndpointStatus.IN_SERVICE and st.button(
        texts.UPDATE, key=f"update.{endpoint.name}", icon=":material/update:", type="tertiary"
    ):
        fill_types(_TYPE, endpoint.instance_type)
        st.session_state[_IMAGE] = studio().settings.container_image
        st.session_state[_NUMBER] = max(1, endpoint.desired)
        st.session_state[_PROBLEMS] = {}
        _ask(endpoint)


def _failed(endpoint: Endpoint, said: str) -> None:
    st.error(said, icon=":material/undo:")
    st.button(
        texts.CLOSE,
        key=f"update.close.{endpoint.name}",
        type="tertiary",
        on_click=attempt,
        args=(lambda: studio().updates.dismiss(user(), endpoint.name),),
        disabled=not may(Action.CHANGE, endpoint.item),
    )


def _ask(endpoint: Endpoint) -> None:
    """The dialog, with the endpoint's name as its title."""

    @st.dialog(texts.update_title(endpoint.name), width="medium")
    def fields() -> None:
        problems: dict[str, str] = st.session_state[_PROBLEMS]
        show_rest(problems, "instance_type", "other_types", "image", "instances")
        instance_type_field(_TYPE)
        show_at(problems, "instance_type")
        show_at(problems, "other_types")
        st.text_input(texts.IMAGE, key=_IMAGE, autocomplete="off")
        show_at(problems, "image")
        if endpoint.scaling is None:
            st.number_input(texts.NUMBER, key=_NUMBER, step=1)
            show_at(problems, "instances")
        st.caption(texts.UPDATE_NOTE)
        is_asked = st.button(
            texts.UPDATE, type="primary", key=f"{_KEY}.save", on_click=_save, args=(endpoint,)
        )
        if is_asked and not st.session_state[_PROBLEMS]:
            st.rerun()

    fields()


def _save(endpoint: Endpoint) -> None:
    state = st.session_state
    number = state[_NUMBER]
    is_counted = endpoint.scaling is None and number != max(1, endpoint.desired)
    try:
        studio().updates.ask(
            user(),
            endpoint.name,
            chosen_types(_TYPE),
            state[_IMAGE].strip(),
            number if is_counted else None,
        )
    except AwsError as error:
        state[_PROBLEMS] = messages_of(error) | shortage_problems(chosen_types(_TYPE), error)
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
    else:
        state[_PROBLEMS] = {}
