"""The line beside the button Generate: what is left of the quotas that are mostly used."""

import logging
from typing import Final

import streamlit as st

from core.errors import AwsError
from core.team.quotas.service import Quota
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.team import quotas as texts

log = logging.getLogger(__name__)

_OF_JOBS: Final = (Quota.OPEN_JOBS, Quota.IMAGES, Quota.MEGAPIXEL_STEPS, Quota.DOLLARS)
_SHOWN_FROM: Final = 0.5
"""The part of a quota that is used when the line begins to tell of it."""


def quota_line() -> None:
    """Nothing while less than half of each quota is used, or there is no limit."""
    try:
        found = studio().quotas.left(user())
    except AwsError as error:  # a click says what AWS does not answer
        log.warning("event=quotas_not_read error=%s", error)
        return
    for left in found:
        if left.quota in _OF_JOBS and left.limit is not None and left.share >= _SHOWN_FROM:
            text = escape(texts.quota_left(left))
            st.caption(text if left.left else f":red[{text}]")
