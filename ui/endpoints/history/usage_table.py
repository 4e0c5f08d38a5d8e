"""What the jobs of each user cost, by day, and what all endpoints cost this month."""

import streamlit as st

from core.endpoints.costs.service import UserDay
from ui.state import studio, user
from ui.texts import costs as texts
from ui.texts.formatting import duration, escape


def usage_table() -> None:
    """Nothing before the first job or instance was counted."""
    costs = studio().costs
    days, spent = costs.days(user()), costs.this_month()
    if not days and not spent.seconds:
        return
    with st.expander(texts.DAYS_TITLE, icon=":material/payments:"):
        if not costs.is_free:
            st.markdown(escape(texts.month(spent)))
        if days:
            st.dataframe([_row(day) for day in days], hide_index=True)
        st.caption(texts.FREE if costs.is_free else texts.DAYS_NOTE)


def _row(day: UserDay) -> dict[str, object]:
    return {
        texts.COLUMN_DAY: day.day,
        texts.COLUMN_USER: day.user,
        texts.COLUMN_JOBS: day.jobs,
        texts.COLUMN_IMAGES: day.images,
        texts.COLUMN_TIME: duration(day.spend.seconds),
        texts.COLUMN_COST: texts.amount(day.spend),
    }
