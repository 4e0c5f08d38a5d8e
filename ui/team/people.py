"""The people of the team as an admin sees them: the list, and what can be done with one of them."""

import time
from typing import Final

import streamlit as st

from core.endpoints.costs.service import UserMonth
from core.errors import AwsError
from core.team.administration.service import PAGE_SIZE, ListedPerson, PeoplePage
from core.team.users import Role
from ui.errors import attempt, show_old
from ui.state import session_value, studio, user
from ui.team.moves import hand_over_button, moves_panel, removal_button
from ui.texts import costs as cost_texts
from ui.texts.formatting import escape, local_time
from ui.texts.team import people as texts

_OFFSET: Final = "team.offset"
_USAGE: Final = "team.usage"
_USAGE_SECONDS: Final = 30.0
"""For so long a session shows the same usage: it costs a query for each person."""


def people_panel() -> None:
    """Everybody, with the way to change each."""
    moves_panel()
    page = _page()
    if not page.people:
        st.info(texts.NO_MATCH if _word() else texts.NOBODY, icon=":material/group:")
        return
    _table(page)
    _pager(page)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_name = {each.name: each for each in page.people}
        name = st.selectbox(
            texts.PERSON,
            list(by_name),
            index=None,
            format_func=lambda each: by_name[each].shown,
            placeholder=texts.PERSON_PLACEHOLDER,
            key="team.person",
        )
        hand_over_button(page)
    if name:
        _details(by_name[name])


def _page() -> PeoplePage:
    st.text_input(
        texts.FILTER,
        key="team.filter",
        placeholder=texts.FILTER_PLACEHOLDER,
        icon=":material/search:",
        type="search",
        on_change=_go_to,
        args=(0,),
    )
    return studio().administration.page(user(), _word(), _offset())


def _word() -> str:
    return session_value("team.filter", str, "")


def _offset() -> int:
    return session_value(_OFFSET, int, 0)


def _go_to(offset: int) -> None:
    st.session_state[_OFFSET] = max(0, offset)


def _pager(page: PeoplePage) -> None:
    """Nothing where all of them fit on one page."""
    if page.total <= PAGE_SIZE:
        return
    offset = _offset()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            texts.PREVIOUS,
            icon=":material/chevron_left:",
            disabled=offset == 0,
            on_click=_go_to,
            args=(offset - PAGE_SIZE,),
        )
        st.button(
            texts.NEXT,
            icon=":material/chevron_right:",
            disabled=offset + PAGE_SIZE >= page.total,
            on_click=_go_to,
            args=(offset + PAGE_SIZE,),
        )
        st.caption(texts.span(offset + 1, offset + len(page.people), page.total))


def _table(page: PeoplePage) -> None:
    usage = _usage(tuple(each.name for each in page.people))
    st.dataframe(
        [_row(each, usage.get(each.name)) for each in page.people],
        hide_index=True,
        column_config={
            texts.COLUMN_SEEN: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        },
    )


def _row(each: ListedPerson, month: UserMonth | None) -> dict[str, object]:
    row: dict[str, object] = {
        texts.COLUMN_PERSON: each.shown,
        texts.COLUMN_ROLE: _role(each),
        texts.COLUMN_STATE: _state(each),
        texts.COLUMN_JOBS: month.jobs if month else None,
        texts.COLUMN_IMAGES: month.images if month else None,
        texts.COLUMN_SEEN: local_time(each.person.last_seen).replace(tzinfo=None),
    }
    if not studio().costs.is_free:
        row[texts.COLUMN_COST] = cost_texts.amount(month.spend) if month else None
    return row


def _role(each: ListedPerson) -> str:
    if each.is_always_admin:
        return texts.settings_role(each.role)
    return texts.given_role(each.role) if each.given else each.role.value


def _state(each: ListedPerson) -> str:
    if each.person.removing:
        return texts.REMOVING
    return texts.DISABLED if each.person.disabled else texts.ACTIVE


def _usage(names: tuple[str, ...]) -> dict[str, UserMonth]:
    """This month's of each; nothing, and a word of it, where AWS does not answer."""
    kept = session_value(_USAGE, tuple)
    key = (user().name, names)
    if kept and kept[0] == key and time.monotonic() - kept[1] < _USAGE_SECONDS:
        found: dict[str, UserMonth] = kept[2]
        return found
    try:
        read = {name: studio().costs.month_of(user(), name) for name in names}
    except AwsError as error:
        show_old(str(error))
        return {}
    st.session_state[_USAGE] = (key, time.monotonic(), read)
    return read


def _details(each: ListedPerson) -> None:
    with st.container(border=True):
        st.markdown(f"**{escape(each.shown)}**")
        st.caption(escape(each.name))
        if each.is_always_admin:
            st.info(texts.FROM_SETTINGS, icon=":material/shield_person:")
        elif not each.person.removing:
            _role_field(each)
            with st.container(horizontal=True):
                _disable_button(each)
                removal_button(each)


def _role_field(each: ListedPerson) -> None:
    choices: list[Role | None] = [None, *Role]
    key = f"team.role.{each.name}.{each.given}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            texts.ROLE,
            choices,
            index=choices.index(each.given),
            format_func=lambda role: role.value if role else texts.BY_GROUPS,
            key=key,
        )
        st.button(
            texts.GIVE_ROLE,
            key="team.role.give",
            disabled=chosen == each.given,
            on_click=attempt,
            args=(lambda: _give_role(each.name, key),),
        )


def _give_role(name: str, key: str) -> None:
    studio().administration.give_role(user(), name, session_value(key, Role))


def _disable_button(each: ListedPerson) -> None:
    disabled = not each.person.disabled
    st.button(
        texts.DISABLE if disabled else texts.ENABLE,
        icon=":material/person_off:" if disabled else ":material/person:",
        help=texts.DISABLE_HELP if disabled else None,
        key="team.disable",
        on_click=attempt,
        args=(lambda: studio().administration.set_disabled(user(), each.name, disabled=disabled),),
    )
