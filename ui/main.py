"""The entry script of every run: theme, sign-in, set-up check and navigation, then the page."""

from pathlib import Path
from typing import Final

import streamlit as st

from formats.version import VERSION
from ui.auth.page import sign_in_page, sign_out_button
from ui.components import mount
from ui.jobs.alerts import job_alerts
from ui.state import (
    SETUP_CHECKS,
    audit_sign_in,
    enter_page,
    go_to_requested_page,
    keep_session_to,
    on_aws,
    studio,
    visitor,
)
from ui.team.announcement import announcement_banner
from ui.texts import common as texts

_ICON: Final = Path(__file__).parent / "theme" / "icon.svg"
_MARK: Final = Path(__file__).parent / "theme" / "mark.svg"


def is_set_up() -> bool:
    """Whether all that jobs need is in place in the account. Once it was, AWS isn't asked again:
    where it is silent later, each page says so and shows what it knows."""
    setup_of_account = studio().setup
    if not on_aws() or setup_of_account.was_usable:
        return True
    checks = setup_of_account.checks()
    if not setup_of_account.was_usable:
        st.session_state[SETUP_CHECKS] = checks
    return setup_of_account.was_usable


asking = visitor()
audit_sign_in(asking)
st.set_page_config(
    page_title=texts.APP_NAME,
    page_icon=_ICON,
    layout="wide",
    menu_items={"About": texts.about(VERSION, asking.user.title if asking.user else "")},
)

setup = st.Page(
    "../pages/setup.py",
    title=texts.SETUP,
    icon=":material/checklist:",
    visibility="visible" if on_aws() else "hidden",
)
team = [st.Page("../pages/team.py", title=texts.TEAM, icon=":material/group:")]
# Every page is declared on every run, also for somebody not signed in: otherwise Streamlit
# answers a deep link with "Page not found" and forgets the address.
page = st.navigation(
    [
        st.Page(
            "../pages/generate.py", title=texts.GENERATE, icon=":material/brush:", default=True
        ),
        st.Page(
            "../pages/controlnet.py", title=texts.CONTROLNET, icon=":material/accessibility_new:"
        ),
        st.Page("../pages/jobs.py", title=texts.JOBS, icon=":material/photo_library:"),
        st.Page("../pages/models.py", title=texts.MODELS, icon=":material/deployed_code:"),
        st.Page("../pages/endpoints.py", title=texts.ENDPOINTS, icon=":material/dns:"),
        *(team if studio().settings.has_identity else ()),
        setup,
    ],
    position="top" if asking.user else "hidden",
)
if asking.user is None:
    sign_in_page(asking.reason, studio().settings)
    st.stop()
keep_session_to(asking.user)
st.logo(_MARK, size="large")
sign_out_button(asking.user, studio().settings)
if page != setup and not is_set_up():
    st.switch_page(setup)
go_to_requested_page()
enter_page(page.url_path)
announcement_banner()
page.run()
job_alerts()
mount("reload_on_desync", "reload_on_desync", {}, height=0)
