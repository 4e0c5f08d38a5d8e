"""Lists the objects that are model files, each with what it and its side-cars say."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from core.aws.storage import ObjectSummary, Storage
from core.models.listing.index import REWRITE_AFTER, Version, read_index, write_index
from core.models.listing.inspection import Inspection, Inspector
from core.models.listing.side_cars import NamedObject, SideCarReader, beside_models, stem_of
from core.models.metadata.fields import Layers
from formats.keys import MODELS, parse_model_key
from formats.models.kinds import ModelKind

_READERS: Final = 8


class StoredModel(NamedTuple):
    """A file in S3."""

    summary: ObjectSummary
    kind: ModelKind
    name: str
    inspection: Inspection
    layers: Layers
    """What its side-cars say."""
    beside: tuple[str, ...]
    """Keys of its side-cars and previews."""


class ModelObjects:
    """A listing costs one call for each thousand objects, and what the new ones need."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._inspector = Inspector(storage)
        self._side_cars = SideCarReader(storage)
        self._known: dict[Version, Inspection] | None = None
        self._indexed: frozenset[Version] = frozenset()
        """The versions that the index has."""

    def read(self) -> tuple[StoredModel, ...]:
        """All of them, by kind and name. Raises AwsError where the listing fails."""
        objects = self._storage.list(MODELS)
        parsed = ((each, parse_model_key(each.key)) for each in objects)
        named = [NamedObject(each, *found) for each, found in parsed if found]
        models, beside = beside_models(named)
        known = self._inspections()
        with ThreadPoolExecutor(_READERS) as pool:
            found = pool.map(lambda one: self._stored(one, beside.get(stem_of(one), [])), models)
            files = tuple(found)
        self._side_cars.keep_only({(each.key, each.etag) for each in objects})
        self._keep(known, objects)
        return tuple(sorted(files, key=lambda file: (file.kind.value, file.name.lower())))

    def _inspections(self) -> dict[Version, Inspection]:
        """What is known of versions; a new process begins with the index."""
        if self._known is None:
            self._known = read_index(self._storage)
            self._indexed = frozenset(self._known)
        return self._known

    def _keep(self, known: dict[Version, Inspection], objects: Sequence[ObjectSummary]) -> None:
        """Forget what is not there any more, and write the index where it lacks much."""
        present = map(Version.of, objects)
        self._known = {version: known[version] for version in present if version in known}
        if len(self._known.keys() - self._indexed) >= REWRITE_AFTER:
            write_index(self._storage, self._known)
            self._indexed = frozenset(self._known)

    def _inspection(self, model: NamedObject) -> Inspection:
        known, version = self._inspections(), Version.of(model.summary)
        if version in known:
            return known[version]
        inspection, is_sure = self._inspector.inspect(model.summary, model.kind)
        if is_sure:
            known[version] = inspection
        return inspection

    def _stored(self, model: NamedObject, beside: list[NamedObject]) -> StoredModel:
        return StoredModel(
            *model,
            inspection=self._inspection(model),
            layers=self._side_cars.layers(beside),
            beside=tuple(each.summary.key for each in beside),
        )
