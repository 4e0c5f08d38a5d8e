"""Copies the records into a backup, and those of a backup into a store of records."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from core.aws.client import Aws
from core.endpoints.costs.job_usage import JOB_USAGE
from core.endpoints.costs.ledger import USAGE
from core.endpoints.costs.limits import LIMITS
from core.endpoints.costs.prices import PRICE_LISTS, PRICES
from core.endpoints.lifecycle.deletion import DELETIONS
from core.endpoints.lifecycle.update_record import UPDATES
from core.endpoints.real_time.orders import ORDERS
from core.endpoints.real_time.speeds import SPEEDS
from core.errors import Conflict
from core.jobs.grids.records import GRIDS
from core.jobs.public_links.records import PUBLIC_LINKS
from core.jobs.search.collections import COLLECTIONS
from core.jobs.sending.holds import HOLDS
from core.models.favourites import FAVOURITES
from core.models.metadata.records import MODELS
from core.models.uploads.records import UPLOADS
from core.prompts.presets.library import PRESETS
from core.prompts.styles.previews import STYLE_PREVIEWS
from core.prompts.styles.records import STYLES
from core.prompts.styles.uses import STYLE_USES
from core.prompts.styles.versions import STYLE_VERSIONS
from core.prompts.tag_list import TAG_LIST_RECORDS
from core.prompts.wildcards.records import WILDCARD_FILES, WILDCARD_VERSIONS
from core.records.dynamodb import DynamoRecordStore
from core.records.form_copies import FORMS
from core.records.interface import RecordKind, RecordStore
from core.records.paging import every_record
from core.records.sqlite import SqliteRecordStore
from core.settings import Settings
from core.team.administration.belongings import MOVES
from core.team.administration.last_admin import LEAVING_ADMINS
from core.team.administration.successors import SUCCESSORS
from core.team.announcements import ANNOUNCEMENTS
from core.team.api_keys import API_KEYS
from core.team.audit.entries import AUDIT
from core.team.people import PEOPLE, REMOVED_PEOPLE
from core.team.policy import POLICIES
from core.team.quotas.limits import PERSON_LIMITS, ROLE_LIMITS
from core.team.quotas.usage import DAY_USAGE
from core.team.sharing import SHARED_JOBS
from formats.frozen import Tolerant

KINDS: Final[tuple[RecordKind[Any], ...]] = (
    FORMS,
    AUDIT,
    COLLECTIONS,
    HOLDS,
    DAY_USAGE,
    FAVOURITES,
    GRIDS,
    LIMITS,
    MODELS,
    USAGE,
    JOB_USAGE,
    ORDERS,
    PEOPLE,
    POLICIES,
    PERSON_LIMITS,
    PRESETS,
    PRICES,
    PRICE_LISTS,
    SHARED_JOBS,
    ROLE_LIMITS,
    SPEEDS,
    STYLES,
    STYLE_PREVIEWS,
    STYLE_USES,
    STYLE_VERSIONS,
    SUCCESSORS,
    WILDCARD_FILES,
    WILDCARD_VERSIONS,
    TAG_LIST_RECORDS,
)
"""Every kind that is stored, but what a backup must not bring back."""

LEFT_OUT: Final = frozenset(
    {
        ANNOUNCEMENTS.name,
        API_KEYS.name,
        UPLOADS.name,
        DELETIONS.name,
        LEAVING_ADMINS.name,
        MOVES.name,
        PUBLIC_LINKS.name,
        REMOVED_PEOPLE.name,
        UPDATES.name,
    }
)
"""A deletion that was wanted once would take away an endpoint that was made since, and a removal
a person; an update is of the account that it was made in, as an announcement is of its hour. A key
or a public link that was revoked since must not count again, and its hash is nobody's in a folder
of files. Admins
that leave do so for seconds, who was removed is kept out for hours, and an upload's parts are in
the bucket that it was sent to."""


class SavedRecord(Tolerant):
    """A record as it was; `value` is its JSON."""

    kind: str
    owner: str
    id: str
    value: dict[str, Any]


def open_records(settings: Settings, aws: Aws) -> RecordStore:
    """The records of a studio with these settings."""
    if settings.embedded:
        return SqliteRecordStore(settings.data / "records.sqlite")
    return DynamoRecordStore(aws, settings.records_table)


def saved_records(store: RecordStore) -> Iterator[SavedRecord]:
    """Every record of every kind."""
    for kind in KINDS:
        for each in every_record(store, kind):
            value = each.value.model_dump(mode="json", by_alias=True)
            yield SavedRecord(kind=kind.name, owner=each.owner, id=each.id, value=value)


def verified_models(records: Iterable[SavedRecord]) -> dict[tuple[str, str], str]:
    """The SHA-256 of model files whose bytes the studio had read, by key and ETag."""
    models = (each for each in records if each.kind == MODELS.name)
    read = ((each.id, MODELS.model.model_validate(each.value)) for each in models)
    return {(key, record.etag): record.sha256 for key, record in read if record.sha256}


def restore_record(store: RecordStore, saved: SavedRecord) -> bool:
    """Add one; False where there is one already, or where this version has no such kind."""
    kind = next((kind for kind in KINDS if kind.name == saved.kind), None)
    if kind is None:
        return False
    try:
        store.add(kind, saved.owner, saved.id, kind.model.model_validate(saved.value))
    except Conflict:
        return False
    return True
