"""The models that ship, each with what it makes."""

import streamlit as st

from core.studio import demo
from core.team.permissions import Kind
from ui.errors import attempt
from ui.state import may_create, studio, user
from ui.texts.formatting import escape
from ui.texts.models import demo_models as texts


def demo_models() -> None:
    """The list, and a way to bring them back; only where the embedded AWS runs."""
    if not (studio().settings.embedded and demo.FOLDER.is_dir()):
        return
    with st.expander(texts.TITLE, icon=":material/pets:"):
        st.markdown(texts.ABOUT)
        st.markdown(
            "\n".join(
                texts.model(escape(model.name), model.kind.label, escape(model.about))
                for model in demo.read_manifest(demo.FOLDER)
            )
        )
        st.button(
            texts.RESTORE,
            icon=":material/restore:",
            key="models.demo",
            on_click=attempt,
            args=(_restore_demo,),
            help=texts.restore_help(demo.ENDPOINT),
            disabled=not (may_create(Kind.MODEL) and may_create(Kind.ENDPOINT)),
        )


def _restore_demo() -> None:
    demo.restore(studio(), demo.FOLDER, user())
    st.toast(texts.RESTORED)
