"""The entry script of every run: theme, navigation, and the guard before any page."""

from pathlib import Path
from typing import Final

import streamlit as st

from formats.version import VERSION
from ui import auth, setup_guard
from ui.components import mount
from ui.navigation import go_if_asked
from ui.state import on_aws

_STYLE: Final = Path(__file__).parent / "theme" / "style.css"
_ICON: Final = Path(__file__).parent / "theme" / "icon.svg"
_MARK: Final = Path(__file__).parent / "theme" / "mark.svg"

st.set_page_config(
    page_title="Contrapposto",
    page_icon=_ICON,
    layout="wide",
    menu_items={"About": f"Contrapposto {VERSION}"},
)
st.html(_STYLE)

person = auth.signed_in()
setup = st.Page(
    "../pages/setup.py", title="Set-up", icon=":material/checklist:",
    visibility="visible" if on_aws() else "hidden",
)  # fmt: skip
# Every page is declared on every run, also for somebody not signed in: otherwise Streamlit
# answers a deep link with "Page not found" and forgets the address that was asked for.
page = st.navigation(
    [
        st.Page("../pages/generate.py", title="Generate", icon=":material/brush:", default=True),
        st.Page("../pages/controlnet.py", title="ControlNet", icon=":material/accessibility_new:"),
        st.Page("../pages/jobs.py", title="Jobs", icon=":material/photo_library:"),
        st.Page("../pages/models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("../pages/endpoints.py", title="Endpoints", icon=":material/dns:"),
        setup,
    ],
    position="top" if person else "hidden",
)
if person is None:
    auth.draw_sign_in()
    st.stop()
st.logo(_MARK, size="large")
if not setup_guard.is_ready() and page != setup:
    st.switch_page(setup)
go_if_asked()
page.run()
mount("reload_on_desync", "reload_on_desync", {}, height=0)
