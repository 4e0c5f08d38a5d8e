"""Configurations and models that no endpoint runs are listed and removed; no others."""

from datetime import timedelta

import pytest

from core.aws.client import Aws
from core.aws.tags import cost_tags
from core.endpoints.lifecycle.orphans import Orphans
from core.endpoints.spec import EndpointSpec, config_arguments, model_arguments
from core.errors import NotFound
from core.ids import utc_now
from core.studio.service import Studio
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from tests.core.endpoints.lifecycle.conftest import create, parts, until_gone
from tests.support.faulty_aws import FaultyAws


def make_parts(studio: Studio, name: str, endpoint: str) -> None:
    """A model and a configuration of that name, for an endpoint of another one."""
    client = studio.endpoints.resources._sagemaker
    spec = EndpointSpec(name=name, instance_type="ml.m5.large", instances=1, owner="ann")
    tags = cost_tags(team="", owner="ann", endpoint=endpoint) if endpoint else []
    client.create_model(**{**model_arguments(spec, studio.settings), "Tags": tags})
    client.create_endpoint_config(**{**config_arguments(spec, studio.settings), "Tags": tags})


@pytest.fixture(scope="module")
def orphans(studio: Studio, account: FaultyAws) -> Orphans:
    """As a quarter of an hour later."""
    create(studio, "team")
    make_parts(studio, "former", "gone")
    make_parts(studio, "team-failed-update", "team")
    make_parts(studio, "foreign", "")
    return Orphans(
        Aws(account.connection),
        studio.endpoints,
        Access(allow_all),
        lambda: utc_now() + timedelta(minutes=15),
    )


def test_those_that_no_endpoint_runs_are_listed(studio: Studio, orphans: Orphans) -> None:
    assert studio.orphans.list() == ()  # they are young
    found = {(one.kind.value, one.name, one.endpoint, one.owner) for one in orphans.list()}
    assert found == {
        (kind, name, endpoint, "ann")
        for kind in ("endpoint configuration", "model")
        for name, endpoint in (("former", "gone"), ("team-failed-update", "team"))
    }


def test_they_are_removed_and_nothing_else(studio: Studio, orphans: Orphans) -> None:
    found = orphans.list(refresh=True)
    assert len(found) == 4
    for one in found:
        orphans.remove(LOCAL, one)
    assert orphans.list() == ()
    with pytest.raises(NotFound):
        orphans.remove(LOCAL, found[0])
    assert parts(studio) == {
        "model foreign",
        "config foreign",
        "model team",
        "config team",
        "endpoint team",
    }
    studio.deletion.ask(LOCAL, "team")
    until_gone(studio, "team")
