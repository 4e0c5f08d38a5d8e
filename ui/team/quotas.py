"""Quotas on the Team page: one's own for everybody, and everybody's limits for admins."""

from collections.abc import Sequence

import streamlit as st

from core.team.quotas.service import QuotaLeft
from core.team.users import User
from ui.errors import last_known, show_notice
from ui.state import studio, user
from ui.team.quota_limits import person_limits, role_limits
from ui.texts.team import quotas as texts


def my_quotas() -> None:
    """What the user has used and may still use; a sentence where nobody signs in."""
    st.subheader(texts.MY_QUOTAS, anchor=False)
    if not studio().quotas.is_on:
        st.caption(texts.NO_QUOTAS)
        return
    who = user()
    _table(last_known("quotas", who.name, lambda: studio().quotas.left(who)))


def quota_panel(people: Sequence[User]) -> None:
    """Everybody's limits and what they have used today. Raises NotAllowed for who is no admin."""
    st.subheader(texts.QUOTAS, anchor=False)
    if not studio().quotas.is_on:
        st.caption(texts.NO_QUOTAS)
        return
    show_notice()
    st.caption(texts.QUOTAS_NOTE)
    of_role, of_person = st.columns(2)
    with of_role:
        role_limits()
    with of_person:
        if person := person_limits(people):
            _table(studio().quotas.left_of(user(), person))
    _used_today(people)


def _table(found: Sequence[QuotaLeft]) -> None:
    st.dataframe([_row(left) for left in found], hide_index=True)


def _row(left: QuotaLeft) -> dict[str, str]:
    return {
        texts.COLUMN_QUOTA: texts.quota_name(left.quota),
        texts.COLUMN_USED: texts.quota_amount(left.quota, left.used),
        texts.COLUMN_LIMIT: texts.quota_limit(left.quota, left.limit),
        texts.COLUMN_LEFT: texts.quota_limit(left.quota, left.left),
        texts.COLUMN_NEW_AT: texts.quota_reset(left),
    }


def _used_today(people: Sequence[User]) -> None:
    used = studio().quotas.used_today(user())
    if not used:
        return
    titles = {person.name: person.title for person in people}
    rows = [
        {
            texts.COLUMN_PERSON: titles.get(each.person) or each.person,
            texts.COLUMN_IMAGES: each.images,
            texts.COLUMN_STEPS: each.megapixel_steps,
        }
        for each in used
    ]
    with st.expander(texts.USED_TODAY, icon=":material/today:"):
        st.dataframe(rows, hide_index=True)
