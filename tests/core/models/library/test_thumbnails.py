"""The image on a model's card: of an upload, of a job's result, or one that came with the file."""

import io

import pytest
from PIL import Image

from core.aws.storage import Storage
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models.service import ModelFile, ModelLibrary, ModelUses
from core.team.users import User
from formats.keys import MODEL_THUMBNAILS, model_thumbnail_key
from tests.core.models.library.conftest import ADA, BOB, Put
from tests.core.team.conftest import MovedClock


def png(colour: str = "teal", size: tuple[int, int] = (1000, 600)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def shown(library: ModelLibrary) -> str:
    (file,) = library.list(BOB)
    return file.record.thumbnail


@pytest.fixture
def file(put: Put) -> ModelFile:
    return put()


@pytest.mark.parametrize(
    ("size", "small"), [((1000, 600), (512, 307)), ((64, 64), (64, 64)), ((600, 1200), (256, 512))]
)
def test_it_is_a_small_webp(
    storage: Storage,
    library: ModelLibrary,
    file: ModelFile,
    size: tuple[int, int],
    small: tuple[int, int],
) -> None:
    library.set_thumbnail(ADA, file.key, png(size=size))
    data = storage.read(model_thumbnail_key(shown(library))).data
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", small)
    library.clear_thumbnail(ADA, file.key)
    assert shown(library) == ""


@pytest.mark.parametrize("data", [b"", b"no image", png()[:200]])
def test_what_is_no_image_is_refused(
    storage: Storage, library: ModelLibrary, file: ModelFile, data: bytes
) -> None:
    with pytest.raises(InvalidInput) as refused:
        library.set_thumbnail(ADA, file.key, data)
    assert refused.value.field == "thumbnail"
    assert storage.list(MODEL_THUMBNAILS) == ()


def test_who_may_not_change_the_file_may_not_give_it_one(
    storage: Storage, library: ModelLibrary, file: ModelFile
) -> None:
    with pytest.raises(NotAllowed):
        library.set_thumbnail(BOB, file.key, png())
    with pytest.raises(NotAllowed):
        library.clear_thumbnail(BOB, file.key)
    assert storage.list(MODEL_THUMBNAILS) == ()


def test_a_result_of_ones_own(library: ModelLibrary, file: ModelFile) -> None:
    def image(user: User, job_id: str, index: int) -> bytes:
        if (user, job_id, index) != (ADA, "job", 1):
            raise NotFound("no such image")
        return png("red")

    library.others = ModelUses(image=image)
    with pytest.raises(NotFound):
        library.use_result(ADA, file.key, "job", 0)
    assert shown(library) == ""
    library.use_result(ADA, file.key, "job", 1)
    assert shown(library)


def test_one_that_came_along_replaces_none(library: ModelLibrary, file: ModelFile) -> None:
    library.add_thumbnail(file.key, png("red"))
    came_along = shown(library)
    library.set_thumbnail(ADA, file.key, png("blue"))
    library.add_thumbnail(file.key, png("red"))
    assert shown(library) not in ("", came_along)


def test_those_that_no_file_shows_are_swept(
    storage: Storage, library: ModelLibrary, file: ModelFile, clock: MovedClock
) -> None:
    library.set_thumbnail(ADA, file.key, png("red"))
    library.set_thumbnail(ADA, file.key, png("blue"))
    clock.now = storage.list(MODEL_THUMBNAILS)[0].modified
    library.sweep()
    assert len(storage.list(MODEL_THUMBNAILS)) == 2  # one may be of a record just being written
    clock.move(days=2)
    library.sweep()
    (left,) = storage.list(MODEL_THUMBNAILS)
    assert left.key == model_thumbnail_key(shown(library))
