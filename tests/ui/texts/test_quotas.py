"""What is left of a quota, in one short line, with the time in the viewer's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.team.quotas.service import Quota, QuotaLeft
from ui.texts import formatting
from ui.texts.team.quotas import quota_left, quota_limit

DAY = datetime(2026, 11, 23, tzinfo=UTC)
MONTH = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "left", "text"),
    [
        (
            "Europe/Kyiv",
            QuotaLeft(quota=Quota.IMAGES, used=68, limit=100, resets_at=DAY),
            "32 of 100 images left today, new at 02:00",
        ),
        (
            "UTC",
            QuotaLeft(quota=Quota.IMAGES, used=1200, limit=1000, resets_at=DAY),
            "0 of 1,000 images left today, new at 00:00",
        ),
        (
            "Asia/Kathmandu",
            QuotaLeft(quota=Quota.MEGAPIXEL_STEPS, used=49_999.5, limit=50_000, resets_at=DAY),
            "0.5 of 50,000 megapixel-steps left today, new at 05:45",
        ),
        (
            "America/New_York",
            QuotaLeft(quota=Quota.DOLLARS, used=150.5, limit=200, resets_at=MONTH),
            "$49.50 of $200.00 left this month, new at 2026-11-30 19:00",
        ),
        (
            "UTC",
            QuotaLeft(quota=Quota.OPEN_JOBS, used=40, limit=50),
            "10 of 50 jobs at once left",
        ),
    ],
)
def test_what_is_left(
    monkeypatch: pytest.MonkeyPatch, zone: str, left: QuotaLeft, text: str
) -> None:
    monkeypatch.setattr(formatting, "viewers_zone", lambda: ZoneInfo(zone))
    assert quota_left(left) == text


@pytest.mark.parametrize(
    ("quota", "limit", "text"),
    [
        (Quota.IMAGES, None, "no limit"),
        (Quota.IMAGES, 0, "0"),
        (Quota.MODEL_BYTES, 1.5e12, "1,500.0 GB"),
        (Quota.DOLLARS, 1000, "$1,000.00"),
    ],
)
def test_a_limit(quota: Quota, limit: float | None, text: str) -> None:
    assert quota_limit(quota, limit) == text
