"""The sections of the page Team, by what somebody may see there."""

from collections.abc import Callable, Mapping

from core.team.permissions import Action, Item, Kind
from core.team.users import User
from ui.state import studio, user
from ui.team.account import account_panel
from ui.team.announcement import announcement_panel
from ui.team.api_keys import all_keys_panel
from ui.team.audit import audit_panel
from ui.team.people import people_panel
from ui.team.policy import policy_panel
from ui.team.quotas import quota_panel
from ui.texts.team import people as texts

_MOST_PEOPLE = 1000


def sections_of(who: User) -> Mapping[str, Callable[[], None]]:
    """What each section draws, by its name; without an admin's rights one's account alone."""
    own = {texts.MY_ACCOUNT: account_panel}
    if not studio().access.may(who, Action.SEE, Item(kind=Kind.TEAM)):
        return own
    return {
        texts.PEOPLE: people_panel,
        texts.API_KEYS: all_keys_panel,
        texts.QUOTAS: _quotas,
        texts.POLICY: policy_panel,
        texts.MESSAGE: announcement_panel,
        texts.AUDIT: audit_panel,
        **own,
    }


def _quotas() -> None:
    people = studio().administration.page(user(), limit=_MOST_PEOPLE).people
    quota_panel([User(name=each.name, role=each.role, title=each.title) for each in people])
