"""Reads the side-cars that lie beside model files in the bucket, once a version."""

import logging
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from core.aws.storage import ObjectSummary, Storage
from core.errors import AwsError, InvalidInput
from core.models.metadata.fields import FieldSource, Layers, ModelFields
from core.models.metadata.side_cars import (
    MAX_SIDE_CAR,
    PREVIEWS,
    model_stem_of,
    read_side_car,
)
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)


class NamedObject(NamedTuple):
    """An object under a name that a model could have."""

    summary: ObjectSummary
    kind: ModelKind
    name: str


_Stem = tuple[ModelKind, str]
_NOTHING: Final[Layers] = {}


def beside_models(
    objects: Sequence[NamedObject],
) -> tuple[list[NamedObject], dict[_Stem, list[NamedObject]]]:
    """The model files, and by their names without ending what lies beside them.

    A side-car or a preview whose model is not there stays among the files.
    """
    side_cars = {each: stem for each in objects if (stem := model_stem_of(each.name))}
    stems = {stem_of(each) for each in objects if each not in side_cars}
    beside: dict[_Stem, list[NamedObject]] = {}
    for each, stem in side_cars.items():
        if (each.kind, stem) in stems:
            beside.setdefault((each.kind, stem), []).append(each)
    taken = {each for group in beside.values() for each in group}
    return [each for each in objects if each not in taken], beside


def stem_of(file: NamedObject) -> _Stem:
    """What its side-cars share of its name."""
    return file.kind, file.name.rpartition(".")[0] or file.name


class SideCarReader:
    """One GET for each new version of a side-car; previews are not read."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: dict[tuple[str, str], Layers] = {}

    def layers(self, side_cars: Iterable[NamedObject]) -> Layers:
        """What those of one model say, by source."""
        layers: dict[FieldSource, ModelFields] = {}
        for each in side_cars:
            for source, fields in self._read(each.summary, each.name).items():
                layers.setdefault(source, fields)
        return layers

    def keep_only(self, present: set[tuple[str, str]]) -> None:
        """Forget every version that is not there any more, by key and ETag."""
        self._known = {k: v for k, v in self._known.items() if k in present}

    def _read(self, summary: ObjectSummary, name: str) -> Layers:
        version = (summary.key, summary.etag)
        if version in self._known:
            return self._known[version]
        layers = _NOTHING
        try:
            if summary.size and not name.lower().endswith(PREVIEWS):
                data = self._storage.read(summary.key, MAX_SIDE_CAR + 1).data
                source, fields = read_side_car(name, data)
                layers = {source: fields}
        except AwsError as error:
            log.warning("event=side_car_unreadable key=%s error=%s", summary.key, error)
            return _NOTHING
        except InvalidInput as error:
            log.info("event=side_car_left_out key=%s error=%s", summary.key, error)
        except Exception:  # the edge of one file: whatever it holds, its model stays usable
            log.exception("event=side_car_unreadable key=%s", summary.key)
        self._known[version] = layers
        return layers
