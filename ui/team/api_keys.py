"""API keys on the page Team: one's own, and for admins everybody's."""

from typing import Final

import streamlit as st

from core.team.api_keys import MAX_DAYS, MAX_TITLE, ListedKey, Scope
from core.team.permissions import Action, Item, Kind
from ui.components.question import answer_buttons
from ui.errors import attempt
from ui.state import page_visit, session_value, studio, user
from ui.texts.formatting import date_time, escape, local_time
from ui.texts.team import api_keys as texts

_DAYS: Final = 90
_NEW: Final = "team.key.new"
"""The key that was just made, with the page's visit: it is shown until that is left."""

_SCOPES: Final = "team.key.scopes"


def my_keys_panel() -> None:
    """One's own keys, and the form for a new one."""
    who = user()
    st.subheader(texts.MY_KEYS, anchor=False)
    st.caption(texts.ABOUT)
    _show_new()
    keys = studio().api_keys.list(who, who.name)
    if keys:
        _table(keys, {})
        _revocation(keys, {}, "team.key")
    may_create = studio().access.may(who, Action.CREATE, Item(kind=Kind.API_KEY, owner=who.name))
    if may_create:
        _form()
    elif not keys:
        st.info(texts.NOT_FOR_VIEWERS, icon=":material/key_off:")


def all_keys_panel() -> None:
    """Everybody's keys, for admins."""
    keys = studio().api_keys.list(user())
    if not keys:
        st.info(texts.NONE_OF_TEAM, icon=":material/key_off:")
        return
    people = studio().administration.page(user(), limit=len(keys) + 1000).people
    owners = {each.name: each.shown for each in people}
    _table(keys, {key.owner: owners.get(key.owner, key.owner) for key in keys})
    _revocation(keys, owners, "team.keys")


def _show_new() -> None:
    kept = session_value(_NEW, tuple)
    if not kept or kept[0] != page_visit():
        st.session_state.pop(_NEW, None)
        return
    with st.container(border=True):
        st.warning(texts.SHOWN_ONCE, icon=":material/key:")
        st.code(kept[1], language=None, wrap_lines=True)
        st.button(texts.HIDE, key="team.key.hide", on_click=_hide)


def _hide() -> None:
    st.session_state.pop(_NEW, None)


def _form() -> None:
    with st.form("team.key.form", border=True):
        st.markdown(f"**{texts.NEW}**")
        st.text_input(
            texts.TITLE,
            placeholder=texts.TITLE_PLACEHOLDER,
            max_chars=MAX_TITLE,
            key="team.key.title",
        )
        st.pills(
            texts.SCOPES,
            list(Scope),
            selection_mode="multi",
            default=[Scope.READ],
            help=texts.SCOPE_HELP,
            key=_SCOPES,
        )
        st.number_input(texts.DAYS, 1, MAX_DAYS, _DAYS, key="team.key.days")
        st.form_submit_button(texts.CREATE, type="primary", on_click=attempt, args=(_create,))


def _create() -> None:
    state = st.session_state
    made = studio().api_keys.create(
        user(), state["team.key.title"], tuple(state[_SCOPES] or ()), state["team.key.days"]
    )
    state[_NEW] = (page_visit(), made.text.get_secret_value())
    state["team.key.title"] = ""


def _table(keys: tuple[ListedKey, ...], owners: dict[str, str]) -> None:
    """With whose each is where `owners` says it."""
    times = (texts.COLUMN_CREATED, texts.COLUMN_EXPIRES)
    st.dataframe(
        [_row(key, owners) for key in keys],
        hide_index=True,
        column_config={
            name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm") for name in times
        },
    )


def _row(key: ListedKey, owners: dict[str, str]) -> dict[str, object]:
    used = date_time(key.last_used_at) if key.last_used_at else texts.NEVER
    return {
        **({texts.COLUMN_OWNER: owners[key.owner]} if owners else {}),
        texts.COLUMN_TITLE: key.title,
        texts.COLUMN_SCOPES: texts.scopes(key.scopes),
        texts.COLUMN_CREATED: local_time(key.created_at).replace(tzinfo=None),
        texts.COLUMN_EXPIRES: local_time(key.expires_at).replace(tzinfo=None),
        texts.COLUMN_USED: used,
    }


def _revocation(keys: tuple[ListedKey, ...], owners: dict[str, str], name: str) -> None:
    by_id = {key.id: key for key in keys}

    def label(key_id: str) -> str:
        key = by_id[key_id]
        return texts.named_key(key.title, owners[key.owner]) if owners else key.title

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            texts.REVOKE_WHICH,
            list(by_id),
            index=None,
            format_func=label,
            placeholder=texts.REVOKE_PLACEHOLDER,
            key=f"{name}.which",
        )
        if st.button(texts.REVOKE, key=f"{name}.revoke", disabled=chosen is None) and chosen:
            _confirm(by_id[chosen])


@st.dialog(texts.REVOKE_QUESTION)
def _confirm(key: ListedKey) -> None:
    st.write(texts.revocation(escape(key.title)))
    answer_buttons(
        "team.key.revoke",
        texts.REVOKE,
        lambda: studio().api_keys.revoke(user(), key.owner, key.id),
    )
