"""A small library of model files, and a large one."""

from datetime import UTC, datetime, timedelta

from core.models.metadata.fields import Known, ModelFields
from core.models.metadata.hashes import Hashes
from core.models.metadata.records import ModelRecord
from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class StoredFile(Frozen):
    """What search, facets and orders need of a model file."""

    key: str
    kind: ModelKind
    name: str
    size: int = 1
    modified: datetime = NOON
    family: Family = Family.UNKNOWN
    owner: str = "ada"
    problem: str | None = None
    record: ModelRecord = ModelRecord()
    known: Known = Known()
    hashes: Hashes = Hashes()

    @property
    def title(self) -> str:
        return self.known.fields.title or self.name


def stored(
    name: str,
    fields: ModelFields | None = None,
    *,
    kind: ModelKind = ModelKind.LORA,
    **values: object,
) -> StoredFile:
    """A file of that name."""
    known = Known(fields=fields or ModelFields())
    entry = {"key": f"models/{kind}/{name}", "kind": kind, "name": name, "known": known, **values}
    return StoredFile.model_validate(entry)


INK = stored(
    "ink_v10.safetensors",
    ModelFields(
        title="Café Ink",
        base_model="Illustrious",
        trained_words=("ink wash", "línework"),
        tags=("Style", "ink"),
        notes="for covers",
        author="painter",
        prediction_type="v_prediction",
    ),
    family=Family.SDXL,
    size=200,
    hashes=Hashes(sha256="ab" * 32, auto_v3="0123456789ab"),
    record=ModelRecord(jobs=3, last_used=NOON),
)
SKY = stored(
    "sky.safetensors",
    ModelFields(description="Blue skies, drawn by an ink pen", tags=("style",)),
    family=Family.SD1,
    owner="Bob",
    size=100,
    modified=NOON + timedelta(days=1),
    record=ModelRecord(jobs=9, last_used=NOON - timedelta(days=1)),
)
DREAM = stored(
    "dream_v9.safetensors",
    ModelFields(title="dream 9", prediction_type="epsilon"),
    kind=ModelKind.CHECKPOINT,
    family=Family.SDXL,
    size=7000,
    problem="cut off",
    hashes=Hashes(sha256="cd" * 32, auto_v1="0badcafe"),
)
FILES = (INK, SKY, DREAM)


def many(count: int) -> tuple[StoredFile, ...]:
    """Files with descriptions, tags and words as Civitai's have them."""
    kinds, families = tuple(ModelKind), tuple(Family)
    return tuple(
        stored(
            f"model {number:05}.safetensors",
            ModelFields(
                title=f"Modèle {number}",
                description=f"{number} is drawn as with a brush. " * 60,
                trained_words=tuple(f"word {number} {word}" for word in range(5)),
                tags=tuple(f"tag {(number + tag) % 40}" for tag in range(8)),
            ),
            kind=kinds[number % len(kinds)],
            family=families[number % len(families)],
            owner=f"person {number % 7}",
        )
        for number in range(count)
    )
