"""Checks what the browser hands back from the pose editor: nothing unchecked leaves this module."""

import logging
from typing import Any

from pydantic import ValidationError

from formats.openpose.skeleton import Skeleton

log = logging.getLogger(__name__)


def checked(answer: Any, *, rev: str, last: Skeleton) -> Skeleton:
    """The answered pose on the canvas of `last`; else `last`, the last good one.

    An answer that is no pose is logged. One to another revision is out of date and passed over.
    """
    if not isinstance(answer, dict) or answer.get("rev") != rev:
        return last
    canvas = {"width": last.width, "height": last.height}
    try:
        return Skeleton.model_validate({"people": answer.get("people"), **canvas})
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        log.warning("event=pose_ignored errors=%d first=%s", error.error_count(), where)
        return last
