"""The model files that S3 named last are listed while it refuses or is silent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import AwsError
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.faulty_aws import Fault, FaultyAws, faulty_aws, refuse

LISTING = "list-type=2&prefix=models"
KEY = model_key(ModelKind.CHECKPOINT, "a.safetensors")


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture
def studio(account: FaultyAws, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(Settings(data=tmp_path), account.connection) as opened:
        opened.storage.write(KEY, b"x", "application/octet-stream")
        yield opened
        account.faults.clear()


@pytest.mark.parametrize("fault", [refuse(403, "AccessDenied"), refuse(503, "SlowDown")])
def test_the_last_list_is_shown(studio: Studio, account: FaultyAws, fault: Fault) -> None:
    account.faults[LISTING] = fault
    with pytest.raises(AwsError, match="Listing models/ failed"):
        studio.models.list(LOCAL)
    account.faults.clear()
    studio.models.invalidate()
    assert [file.key for file in studio.models.list(LOCAL)] == [KEY]
    assert studio.models.listing_problem() == ""
    account.faults[LISTING] = fault
    assert [file.key for file in studio.models.list(LOCAL, refresh=True)] == [KEY]
    assert studio.models.listing_problem().startswith("The list is as of ")
