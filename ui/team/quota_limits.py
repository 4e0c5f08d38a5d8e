"""The fields in which an admin sets the limits of a role, and those of one person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from core.team.quotas.service import MOST, Quota, QuotaLimits
from core.team.users import Role, User
from ui.errors import attempt
from ui.state import studio, user
from ui.texts.team import quotas as texts

_KEY: Final = "quotas."
_WHOLE: Final = frozenset({Quota.OPEN_JOBS, Quota.IMAGES, Quota.ENDPOINTS})
"""Counted one by one."""
_UNIT: Final = {Quota.MODEL_BYTES: 1e9}
"""What one of a field's is; 1 where it is not here."""

Limits = Mapping[Quota, float | None]


def role_limits() -> None:
    """Choose a role and set its limits; an empty field is no limit."""
    role = st.selectbox(texts.OF_ROLE, list(Role), index=1, key=f"{_KEY}role") or Role.ARTIST
    kept = studio().quotas.role_limits(user())[role]
    key = f"{_KEY}role.{role}"
    _fill(key, {quota: kept.of(quota) for quota in Quota})
    for quota in Quota:
        _field(key, quota, texts.NO_LIMIT)
    st.button(texts.SAVE, key=f"{key}.save", on_click=_save, args=(_save_role, role, key))


def person_limits(people: Sequence[User]) -> User | None:
    """Choose a person and set single limits; who was chosen, None while nobody is."""
    by_name = {person.name: person for person in people}
    name = st.selectbox(
        texts.OF_PERSON,
        list(by_name),
        index=None,
        format_func=lambda each: by_name[each].title or each,
        key=f"{_KEY}person",
    )
    if name is None:
        return None
    person = by_name[name]
    of_role = studio().quotas.role_limits(user())[person.role]
    kept = studio().quotas.person_limits(user(), person.name).overrides
    key = f"{_KEY}person.{person.name}"
    _fill(key, {quota: kept.get(quota) for quota in Quota})
    for quota in Quota:
        field, free = st.columns([3, 1], vertical_alignment="bottom")
        has_none = quota in kept and kept[quota] is None
        st.session_state.setdefault(f"{key}.{quota}.free", has_none)
        with free:
            is_free = st.checkbox(texts.NO_LIMIT, key=f"{key}.{quota}.free")
        with field:
            shown = texts.as_role(quota, of_role.of(quota))
            _field(key, quota, shown, is_disabled=is_free)
    st.button(texts.SAVE, key=f"{key}.save", on_click=_save, args=(_save_person, person.name, key))
    return person


def _field(key: str, quota: Quota, empty: str, *, is_disabled: bool = False) -> None:
    st.number_input(
        texts.quota_label(quota),
        value=None,
        min_value=0 if quota in _WHOLE else 0.0,
        max_value=_as_typed(quota, MOST / _UNIT.get(quota, 1)),
        step=1 if quota in _WHOLE else 1.0,
        placeholder=empty,
        disabled=is_disabled,
        key=f"{key}.{quota}",
    )


def _fill(key: str, kept: Limits) -> None:
    """Put what is kept into the fields: at first, and where somebody has changed it."""
    if st.session_state.get(f"{key}.kept") == kept:
        return
    st.session_state[f"{key}.kept"] = kept
    for quota, limit in kept.items():
        st.session_state.pop(f"{key}.{quota}.free", None)
        value = None if limit is None else limit / _UNIT.get(quota, 1)
        st.session_state[f"{key}.{quota}"] = _as_typed(quota, value)


def _as_typed(quota: Quota, value: float | None) -> float | None:
    """As the quota's field holds it."""
    return int(value) if value is not None and quota in _WHOLE else value


def _typed(key: str) -> dict[Quota, float | None]:
    """What the fields hold, in the quotas' own units; None for an empty one."""
    found = {quota: st.session_state.get(f"{key}.{quota}") for quota in Quota}
    return {
        quota: value if value is None else round(value * _UNIT.get(quota, 1), 2)
        for quota, value in found.items()
    }


def _save(act: Callable[[str, str], None], name: str, key: str) -> None:
    attempt(lambda: act(name, key))


def _save_role(role: str, key: str) -> None:
    limits = {quota.value: value for quota, value in _typed(key).items()}
    studio().quotas.set_role_limits(user(), Role(role), QuotaLimits.model_validate(limits))


def _save_person(name: str, key: str) -> None:
    limits: dict[Quota, float | None] = {
        quota: value for quota, value in _typed(key).items() if value is not None
    }
    free = (quota for quota in Quota if st.session_state.get(f"{key}.{quota}.free"))
    studio().quotas.set_person_limits(user(), name, limits | dict.fromkeys(free))
