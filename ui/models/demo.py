"""Shows what the demo models are for, and brings them back."""

import streamlit as st

from core import demo
from ui.errors import attempt
from ui.state import studio
from ui.texts.formatting import plain


def demo_models() -> None:
    """The models that ship, each with what it draws; only where the embedded AWS runs."""
    if not (studio().settings.embedded and demo.FOLDER.is_dir()):
        return
    with st.expander("Demo models: what they are for", icon=":material/pets:"):
        st.markdown(
            "Small models that draw in seconds on this computer's CPU, to try everything with. "
            "Upload a Stable Diffusion checkpoint of your own for serious pictures."
        )
        st.markdown(
            "\n".join(
                f"- **{plain(model.name)}** ({model.kind.label}): {plain(model.about)}"
                for model in demo.read_manifest(demo.FOLDER)
            )
        )
        st.button(
            "Bring the demo back",
            icon=":material/restore:",
            key="models.demo",
            on_click=attempt,
            args=(_restore,),
            help=f"Uploads them again, and creates the endpoint {demo.ENDPOINT} if it is gone.",
        )


def _restore() -> None:
    demo.restore(studio(), demo.FOLDER)
    st.toast("The demo models are on their way; refresh the list in a moment.")
