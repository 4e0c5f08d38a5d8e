"""Model files for dashboards that have the bucket of another one, and records of their own."""

from core.studio.service import Studio
from core.team.users import LOCAL
from tests.support.helpers import wait_for


def verify_models(studio: Studio) -> None:
    """Its records don't know what the other dashboard has verified: it does so by itself."""
    studio.models.list(LOCAL)
    studio.uploads._runner.wake()
    wait_for(lambda: not any(file.is_unverified for file in studio.models.list(LOCAL)))
