"""Texts of quotas: what is left beside the button, and the panels of the Team page."""

from typing import Final

from core.team.quotas.service import Quota, QuotaLeft
from core.texts import team_quotas
from ui.texts.formatting import date_time, local_time

QUOTAS: Final = "Quotas"
MY_QUOTAS: Final = "What you may use"
NO_QUOTAS: Final = "There are no quotas, as nobody signs in here."
QUOTAS_NOTE: Final = (
    "Days and months are UTC's. A person's own limit goes before their role's. A change counts on "
    "every dashboard within ten seconds."
)
OF_ROLE: Final = "Of a role"
OF_PERSON: Final = "Of a person"
NO_LIMIT: Final = "no limit"
USED_TODAY: Final = "Used today"
SAVE: Final = "Save"
COLUMN_QUOTA: Final = "Quota"
COLUMN_PERSON: Final = "Person"
COLUMN_USED: Final = "Used"
COLUMN_LIMIT: Final = "Limit"
COLUMN_LEFT: Final = "Left"
COLUMN_NEW_AT: Final = "New at"
COLUMN_IMAGES: Final = "Images"
COLUMN_STEPS: Final = "Megapixel-steps"
_LEFT: Final = {
    Quota.OPEN_JOBS: "jobs at once left",
    Quota.IMAGES: "images left today",
    Quota.MEGAPIXEL_STEPS: "megapixel-steps left today",
    Quota.DOLLARS: "left this month",
}

quota_name = team_quotas.name
quota_amount = team_quotas.amount


def quota_label(quota: Quota) -> str:
    """What is limited, with the unit of its field."""
    units = {Quota.MODEL_BYTES: ", GB", Quota.DOLLARS: ", US dollars"}
    return f"{quota_name(quota)}{units.get(quota, '')}"


def quota_limit(quota: Quota, limit: float | None) -> str:
    """A limit in words."""
    return NO_LIMIT if limit is None else quota_amount(quota, limit)


def as_role(quota: Quota, limit: float | None) -> str:
    """What counts while a person's own limit is empty."""
    return f"as their role: {quota_limit(quota, limit)}"


def quota_left(left: QuotaLeft) -> str:
    """`32 of 100 images left today, new at 02:00`, in the viewer's zone."""
    count, limit = quota_amount(left.quota, left.left or 0), quota_limit(left.quota, left.limit)
    begins = f", new at {_time(left)}" if left.resets_at else ""
    return f"{count} of {limit} {_LEFT[left.quota]}{begins}"


def quota_reset(left: QuotaLeft) -> str:
    """When all of it is there again, in the viewer's zone."""
    return date_time(left.resets_at)[:-3] if left.resets_at else ""


def _time(left: QuotaLeft) -> str:
    """The time where that is within a day; else the date too."""
    if left.quota is Quota.DOLLARS or left.resets_at is None:
        return quota_reset(left)
    return f"{local_time(left.resets_at):%H:%M}"
