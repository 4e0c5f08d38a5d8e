"""What is typed at one dashboard is found at another, and a lost host takes nothing with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.errors import AwsUnreachable
from core.ids import utc_now
from core.records.form_copies import FORMS, FormCopies
from core.records.interface import RecordStore
from core.settings import Settings
from core.studio.service import Studio
from core.team.users import User
from formats.keys import FORMS as FORM_OBJECTS
from tests.support.helpers import wait_for
from ui.form.storage import FormStorage
from ui.form.values import FormValues

ANN = User(name="idp.example/ann")
IMAGE, OTHER = b"\x89PNG one", b"\x89PNG two"
Dashboard = Callable[[str], FormStorage]


@pytest.fixture
def storage(studio: Studio) -> Storage:
    return studio.storage


@pytest.fixture
def copies(store: RecordStore, storage: Storage) -> Iterator[Callable[[], FormCopies]]:
    with ExitStack() as stack:

        def build() -> FormCopies:
            opened = FormCopies(store, storage, utc_now)
            opened.start()
            stack.callback(opened.close)
            return opened

        yield build


@pytest.fixture
def dashboard(copies: Callable[[], FormCopies], tmp_path: Path) -> Dashboard:
    """A dashboard of this name, with a disk of its own."""
    return lambda name: FormStorage(tmp_path / name, copies())


def objects(storage: Storage) -> int:
    return len(storage.list(FORM_OBJECTS))


def test_another_dashboard_finds_text_and_images(dashboard: Dashboard, storage: Storage) -> None:
    first, second = dashboard("first"), dashboard("second")
    first.keep_values(ANN, "generate", FormValues(prompt="a heron"))
    first.keep_file(ANN, "generate", "init_picture.png", IMAGE)
    wait_for(lambda: second.file(ANN, "generate", "init_picture.png") == IMAGE)
    assert second.values(ANN, "generate", FormValues()).prompt == "a heron"
    assert second.file(User(name="bob"), "generate", "init_picture.png") is None
    second.keep_file(ANN, "generate", "init_picture.png", OTHER)
    wait_for(lambda: first.file(ANN, "generate", "init_picture.png") == OTHER)
    wait_for(lambda: objects(storage) == 1)  # what nothing holds any more is gone


def test_what_was_cleared_stays_so_everywhere(dashboard: Dashboard, storage: Storage) -> None:
    first, second = dashboard("first"), dashboard("second")
    first.keep_file(ANN, "generate", "mask.png", IMAGE)
    wait_for(lambda: second.file(ANN, "generate", "mask.png") == IMAGE)
    first.keep_file(ANN, "generate", "mask.png", None)
    assert first.file(ANN, "generate", "mask.png") is None
    wait_for(lambda: second.file(ANN, "generate", "mask.png") is None)
    wait_for(lambda: objects(storage) == 0)


def test_the_end_of_a_dashboard_copies_what_waits(
    copies: Callable[[], FormCopies], store: RecordStore
) -> None:
    ending = copies()
    for number in range(30):
        ending.keep(ANN.name, f"form{number}.json", b"{}", utc_now())
    ending.close()
    assert len(store.page(FORMS, ANN.name, limit=100).records) == 30


def test_an_older_save_never_wins(copies: Callable[[], FormCopies]) -> None:
    opened, now = copies(), datetime(2026, 11, 1, tzinfo=UTC)
    opened.keep(ANN.name, "generate.json", b"new", now)
    wait_for(lambda: not opened._waiting)
    opened.keep(ANN.name, "generate.json", b"old", now - timedelta(seconds=1))
    wait_for(lambda: not opened._waiting)
    found = opened.find(ANN.name, "generate.json")
    assert found
    assert found.data == b"new"


def test_somebody_removed_leaves_nothing(
    copies: Callable[[], FormCopies], store: RecordStore, storage: Storage
) -> None:
    opened = copies()
    for name in (ANN.name, "bob"):
        opened.keep(name, "generate.init_picture.png", IMAGE, utc_now())
    wait_for(lambda: not opened._waiting)
    opened.forget(ANN.name)
    assert [record.owner for record in store.page(FORMS).records] == ["bob"]
    assert objects(storage) == 1


def test_a_silent_aws_is_asked_once(tmp_path: Path, settings: Settings) -> None:
    nowhere = Connection(url="http://127.0.0.1:9", access_key="a", region="us-east-1")
    storage = Storage(Aws(nowhere), settings.bucket, for_pages=True)
    asked = []

    class Silent:
        def get(self, *_: object) -> None:
            asked.append(1)
            raise AwsUnreachable("No answer.")

    form = FormStorage(tmp_path, FormCopies(Silent(), storage, utc_now))  # type: ignore[arg-type]  # all that is asked
    kept = FormStorage(tmp_path)
    kept.keep_values(ANN, "generate", FormValues(prompt="kept here"))
    assert form.values(ANN, "generate", FormValues()).prompt == "kept here"
    assert form.file(ANN, "generate", "mask.png") is None
    assert len(asked) == 1
