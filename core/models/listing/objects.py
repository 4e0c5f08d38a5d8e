"""Lists the objects that are model files, each with what it says of itself."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from core.aws.storage import ObjectSummary, Storage
from core.models.listing.inspection import Inspection, Inspector
from formats.keys import MODELS, parse_model_key
from formats.models.kinds import ModelKind

_READERS: Final = 8


class StoredModel(NamedTuple):
    """A file in S3."""

    summary: ObjectSummary
    kind: ModelKind
    name: str
    inspection: Inspection


class ModelObjects:
    """A listing costs one call for each thousand objects, and what the new ones need."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._inspector = Inspector(storage)

    def read(self) -> tuple[StoredModel, ...]:
        """All of them, by kind and name. Raises AwsError where the listing fails."""
        objects = self._storage.list(MODELS)
        named = [(each, *parsed) for each in objects if (parsed := parse_model_key(each.key))]
        with ThreadPoolExecutor(_READERS) as pool:
            files = list(pool.map(lambda one: self._stored(*one), named))
        self._inspector.keep_only({(each.key, each.etag) for each in objects})
        return tuple(sorted(files, key=lambda file: (file.kind.value, file.name.lower())))

    def _stored(self, summary: ObjectSummary, kind: ModelKind, name: str) -> StoredModel:
        return StoredModel(summary, kind, name, self._inspector.inspect(summary, kind))
