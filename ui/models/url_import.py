"""The import of a model file from an address: look first, choose a file, then let it come."""

from collections.abc import Iterator
from typing import Final

import streamlit as st

from core.errors import ContrappostoError, RemoteError
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.remote.preview import ImportPreview, RemoteFile
from core.models.uploads.planning.new_upload import NewUpload
from formats.models.kinds import ModelKind
from ui.errors import messages_of
from ui.models.starting import begin
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.models import adding
from ui.texts.models import url_import as texts

_ADDRESS: Final = "models.url"
_PREVIEW: Final = "models.url.preview"
_PROBLEMS: Final = "models.url.problems"
_LINK: Final = "models.url.link"
_DESCRIPTION: Final = 1000
"""Characters of a site's description that are shown."""


def url_import() -> None:
    """The address, what lies there, and the button that lets it come."""
    with (
        st.form("models.url.form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        address = st.text_input(
            texts.ADDRESS,
            key=_ADDRESS,
            placeholder=texts.ADDRESS_PLACEHOLDER,
            help=texts.ADDRESS_HELP,
            icon=":material/link:",
        )
        is_asked = st.form_submit_button(texts.LOOK, icon=":material/search:")
    if is_asked:
        with st.spinner(texts.LOOKING):
            _look(address)
    for message in st.session_state.get(_PROBLEMS, {}).values():
        st.error(escape(message))
    if link := st.session_state.get(_LINK):
        st.link_button(texts.OPEN_PAGE, link, icon=":material/open_in_new:")
    if preview := st.session_state.get(_PREVIEW):
        _preview(preview)


def _look(address: str) -> None:
    state = st.session_state
    state.pop(_PREVIEW, None)
    state[_LINK], state[_PROBLEMS] = "", {}
    try:
        state[_PREVIEW] = studio().remote_models.preview(user(), address)
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
        state[_LINK] = error.link if isinstance(error, RemoteError) else ""


def _preview(preview: ImportPreview) -> None:
    usable = [file for file in preview.files if not file.problem]
    refused = [file for file in preview.files if file.problem]
    with st.container(border=True, key="models-url-preview"):
        _about(preview)
        if usable:
            _choice(preview, usable)
        if len(preview.files) == 1 and refused:
            st.error(escape(refused[0].problem))
        elif refused:
            with st.expander(texts.UNUSABLE, expanded=not usable):
                st.markdown("\n".join(map(texts.unusable, refused)))


def _about(preview: ImportPreview) -> None:
    fields = preview.layers.get(FieldSource.SITE, ModelFields())
    st.markdown(texts.headline(fields.title or "", fields.version, preview.site))
    for line in _lines(fields):
        st.caption(escape(line))
    if fields.description:
        with st.expander(texts.MORE):
            st.markdown(escape(fields.description[:_DESCRIPTION]))


def _lines(fields: ModelFields) -> Iterator[str]:
    """What a site says of a model beside its title and description."""
    if fields.author:
        yield texts.author(fields.author)
    if fields.base_model:
        yield texts.base_model(fields.base_model)
    if fields.licence:
        yield texts.licence(fields.licence)
    if fields.trained_words:
        yield texts.trained_words(fields.trained_words)


def _choice(preview: ImportPreview, files: list[RemoteFile]) -> None:
    """Which of several, under which name and, where nobody knows, as what."""
    place = st.radio(
        texts.FILES,
        range(len(files)),
        format_func=lambda index: texts.file_line(files[index]),
        key="models.url.file",
    )
    file = files[place]
    st.caption(texts.file_hash(file.source.sha256))
    if file.stored_as:
        st.info(texts.already_there(file.stored_as), icon=":material/check_circle:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(texts.NAME, file.name, key=f"models.url.name.{file.source.url}")
        kind = file.kind or st.selectbox(
            adding.KIND,
            list(ModelKind),
            index=None,
            key="models.url.kind",
            placeholder=texts.CHOOSE_KIND,
            help=texts.KIND_HELP,
            format_func=adding.kind,
        )
        st.button(
            texts.IMPORT,
            type="primary",
            icon=":material/download:",
            on_click=_import,
            args=(preview, file, kind, name.strip() or file.name),
            disabled=kind is None,
        )


def _import(preview: ImportPreview, file: RemoteFile, kind: ModelKind, name: str) -> None:
    state = st.session_state
    new = NewUpload(
        source=file.source,
        kind=kind,
        name=name,
        size=file.size,
        layers=preview.layers,
    )
    try:
        begin([new])
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
    else:
        state[_PROBLEMS] = {}
        state.pop(_PREVIEW, None)
        state[_ADDRESS] = ""
        st.toast(texts.STARTED)
