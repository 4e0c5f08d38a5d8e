"""The form that creates an endpoint."""

import streamlit as st

from core.endpoints.gpu_hosts import describe_host
from core.errors import AwsError, ContrappostoError
from ui.endpoints.instance_type import chosen_types, instance_type_field, shortage_problems
from ui.endpoints.kind_fields import create_endpoint, kind_fields, problem_fields
from ui.endpoints.scaling_fields import FIELDS
from ui.errors import messages_of, show_at, show_rest
from ui.state import studio, user
from ui.texts import endpoints as texts

_PROBLEMS = "endpoints.problems"
_NAME = "endpoints.name"
_SCALING = "endpoints"
_TYPE_FIELDS = ("instance_type", "other_types")


def endpoint_form() -> None:
    """Name, instance type, kind and scaling; the defaults will do."""
    settings = studio().settings
    st.session_state.setdefault(_NAME, _free_name())
    st.session_state.setdefault("endpoints.type", settings.instance_type)
    problems: dict[str, str] = st.session_state.get(_PROBLEMS, {})
    with st.container(border=True):
        show_rest(problems, "name", *_TYPE_FIELDS, *problem_fields(), *FIELDS)
        name, kind = st.columns(2)
        with name:
            st.text_input(texts.NAME, key=_NAME, autocomplete="off")
            show_at(problems, "name")
        with kind:
            instance_type_field("endpoints.type")
            for field in _TYPE_FIELDS:
                show_at(problems, field)
            if note := texts.host_note(describe_host(st.session_state["endpoints.type"], settings)):
                st.caption(note)
        kind_fields(_SCALING, chosen_types("endpoints.type"), problems)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(texts.CREATE, type="primary", icon=":material/add:", on_click=_create)
            st.caption(texts.start_note(settings))


def _free_name() -> str:
    taken = {endpoint.name for endpoint in studio().endpoints.list(user())}
    return next(name for n in range(1, 1000) if (name := f"studio-{n}") not in taken)


def _create() -> None:
    state = st.session_state
    try:
        create_endpoint(_SCALING, state[_NAME].strip(), chosen_types("endpoints.type"))
    except AwsError as error:
        step = shortage_problems(chosen_types("endpoints.type"), error)
        state[_PROBLEMS] = messages_of(error) | step
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
    else:
        state[_PROBLEMS] = {}
        state[_NAME] = _free_name()
