"""Takes a side-car or a preview that another program keeps beside a model."""

from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.models.files import ModelFile
from core.models.metadata.side_cars import PREVIEWS
from ui.errors import messages_of
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.models import side_car as texts

_GIVEN: Final = "library.side-cars"
"""How many were given: another uploader is an empty one."""
_PROBLEM: Final = "library.side-car.problem"
_ENDINGS: Final = ("json", "info", *(each[1:] for each in PREVIEWS if each.count(".") == 1))


def side_car_form(file: ModelFile) -> None:
    """An uploader; what it is given counts at once."""
    with st.expander(texts.TITLE, icon=":material/note_stack_add:"):
        key = f"library.side-car.{file.key}.{st.session_state.get(_GIVEN, 0)}"
        st.file_uploader(
            texts.UPLOAD,
            type=_ENDINGS,
            accept_multiple_files=True,
            key=key,
            help=texts.UPLOAD_HELP,
            on_change=_take,
            args=(file, key),
        )
        problem_key, problem = st.session_state.get(_PROBLEM, ("", ""))
        if problem_key == file.key:
            st.error(escape(problem))


def _take(file: ModelFile, key: str) -> None:
    """From a callback: each of the files; the first that is refused is told by its name."""
    given = st.session_state.get(key) or []
    if not given:
        return
    st.session_state.pop(_PROBLEM, None)
    st.session_state[_GIVEN] = st.session_state.get(_GIVEN, 0) + 1
    for one in given:
        try:
            studio().models.add_side_car(user(), file.key, one.name, one.getvalue())
        except ContrappostoError as error:
            message = " ".join(messages_of(error).values())
            st.session_state[_PROBLEM] = (file.key, texts.refused(one.name, message))
            return
    st.toast(texts.TAKEN, icon=":material/check:")
