"""What a look costs in calls, upon DynamoDB: the same each minute, whatever was counted before."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from ulid import ULID

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.endpoints.costs.ledger import USAGE, month_of, usage_id
from core.endpoints.costs.service import Costs, CostsParts
from core.endpoints.service import Endpoints
from core.errors import AwsError
from core.ids import new_id, utc_now
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from core.records.interface import RecordKind
from core.settings import Settings
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from formats.frozen import Tolerant
from tests.core.endpoints.costs.conftest import MovedClock
from tests.support.helpers import wait_for
from tests.support.page_fixtures import connection

__all__ = ["connection"]

NAMES = ("one", "two")


@pytest.fixture(scope="module")
def endpoints(connection: Connection) -> Iterator[Endpoints]:
    """Two of a bucket."""
    aws, settings = Aws(connection), Settings(bucket=f"calls-{str(ULID()).lower()}")
    aws.s3.create_bucket(Bucket=settings.bucket)
    storage = Storage(aws, settings.bucket)
    found = Endpoints(aws, storage, settings, Access(allow_all), utc_now)
    for name in NAMES:
        found.create(LOCAL, name, "ml.m5.large", 1)
    wait_for(lambda: all(one.accepts_jobs for one in found.list(LOCAL, refresh=True)))
    yield found
    for name in NAMES:
        found.delete(LOCAL, name)


@pytest.fixture
def costs(connection: Connection, endpoints: Endpoints) -> Iterator[Costs]:
    aws, table = Aws(connection), f"records-{ULID()}"
    aws.dynamodb().create_table(**records_table_definition(table))
    parts = CostsParts(
        aws=aws,
        records=DynamoRecordStore(aws, table),
        endpoints=endpoints,
        settings=Settings(),
        access=Access(allow_all),
        clock=MovedClock(utc_now()),
        new_id=new_id,
        stop=endpoints.delete,
        hold=endpoints.delete,
        release=lambda endpoint: endpoints.forget(endpoint.name),
        end=endpoints.delete,
    )
    yield Costs(parts)
    parts.records.close()


def store_of(costs: Costs) -> DynamoRecordStore:
    store = costs._parts.records
    assert isinstance(store, DynamoRecordStore)
    return store


def test_a_look_asks_for_as_much_each_minute(costs: Costs) -> None:
    asked: list[str] = []
    store = store_of(costs)
    store._db.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    clock = costs._parts.clock
    assert isinstance(clock, MovedClock)
    for _ in range(3):
        clock.now += timedelta(minutes=1)
        asked.clear()
        costs.look()
        calls = Counter(asked)
    assert calls == {"GetItem": 2, "PutItem": 2, "Query": 3}
    assert costs.this_month().seconds == pytest.approx(4 * 60, abs=60)
    assert costs.problem() == ""


class Tomorrow(Tolerant):
    """What a newer version keeps under the same kind."""

    seconds: str = "many"


def test_a_record_of_a_newer_version_keeps_no_other_from_being_counted(
    costs: Costs, endpoints: Endpoints
) -> None:
    one, other = endpoints.list(LOCAL)
    clock = costs._parts.clock
    newer = RecordKind(USAGE.name, Tomorrow)
    store_of(costs).add(newer, month_of(clock()), usage_id(one), Tomorrow())
    costs.look()
    assert costs.of(other).busy_at == clock()
    assert costs.of(one).busy_at is None


def test_a_look_that_fails_says_so_until_one_succeeds(costs: Costs) -> None:
    store = store_of(costs)
    table, store._table = store._table, "nowhere"
    with pytest.raises(AwsError):
        costs.look()
    assert "limits are not watched now" in costs.problem()
    store._table = table
    costs.look()
    assert costs.problem() == ""
