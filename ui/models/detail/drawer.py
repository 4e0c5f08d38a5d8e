"""The drawer that shows one model, over the right side of the page."""

import streamlit as st

from core.models.files import ModelFile
from core.team.permissions import Action
from ui.errors import show_notice
from ui.form.models.titles import title_of
from ui.models.detail.editing import edit_form
from ui.models.detail.facts import description, facts, hashes, jobs
from ui.models.detail.removal import removal
from ui.models.detail.side_car import side_car_form
from ui.models.detail.thumbnail import thumbnail, thumbnail_form
from ui.models.detail.using import recommended, trained_words
from ui.models.favourites import favourite_button
from ui.models.library.cards import badges_of, meta_of
from ui.models.library.view import open_model
from ui.state import go_to_requested_page, may
from ui.texts.formatting import escape
from ui.texts.models import detail as texts


def model_drawer(file: ModelFile | None) -> None:
    """All that is known of a model, and what can be done with it; None where it is gone."""
    title = escape(title_of(file)) if file else texts.DRAWER
    st.dialog(title, width="medium", position="right", on_dismiss=open_model)(_drawer)(file)


def _drawer(file: ModelFile | None) -> None:
    go_to_requested_page()
    show_notice()
    if file is None:
        st.info(texts.GONE, icon=":material/search_off:")
        return
    _head(file)
    thumbnail(file)
    trained_words(file)
    recommended(file)
    description(file)
    facts(file)
    hashes(file)
    jobs(file)
    if may(Action.CHANGE, file.item):
        edit_form(file)
        side_car_form(file)
        thumbnail_form(file)
    removal(file)


def _head(file: ModelFile) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for badge in badges_of(file):
            st.badge(escape(badge["text"]), color=badge["tone"])
        st.caption(meta_of(file))
        favourite_button(file)
    if file.problem:
        st.error(escape(file.problem), icon=":material/error:")
