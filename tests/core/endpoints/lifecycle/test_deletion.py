"""A deletion is tried until AWS says that the endpoint is gone, and takes all its parts along."""

from pathlib import Path

import pytest

from core.endpoints.scaling.spec import ScalingSpec
from core.errors import AwsDenied, NotFound
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.core.endpoints.lifecycle.conftest import create, in_service, parts, until_gone
from tests.support.faulty_aws import FaultyAws, refuse
from tests.support.helpers import wait_for

DELETE = "SageMaker.DeleteEndpoint "


def test_one_that_works_is_gone_with_its_parts(studio: Studio) -> None:
    create(studio, "plain")
    studio.deletion.ask(LOCAL, "plain")
    until_gone(studio, "plain")
    assert parts(studio) == set()
    with pytest.raises(NotFound):
        studio.deletion.ask(LOCAL, "plain")


def test_one_that_starts_is_deleted_once_aws_lets_it(studio: Studio, ready: Path) -> None:
    ready.unlink()
    create(studio, "starting", wait=False)
    studio.deletion.ask(LOCAL, "starting")
    assert studio.deletion.waiting()["starting"].problem == ""
    studio.deletion.look()
    assert parts(studio) == {"model starting", "config starting", "endpoint starting"}
    ready.touch()
    until_gone(studio, "starting")
    assert parts(studio) == set()


def test_a_wish_can_be_taken_back(studio: Studio, ready: Path) -> None:
    ready.unlink()
    create(studio, "kept", wait=False)
    studio.deletion.ask(LOCAL, "kept")
    studio.deletion.withdraw(LOCAL, "kept")
    ready.touch()
    wait_for(in_service(studio, "kept"), every=0.1)
    studio.deletion.look()
    assert in_service(studio, "kept")()
    studio.deletion.ask(LOCAL, "kept")
    until_gone(studio, "kept")


def test_another_endpoint_of_the_name_is_left_alone(studio: Studio, account: FaultyAws) -> None:
    create(studio, "again")
    account.faults[DELETE] = refuse(400, "ThrottlingException", "Rate exceeded")
    studio.deletion.ask(LOCAL, "again")
    assert "Rate exceeded" in studio.deletion.waiting()["again"].problem
    account.faults.clear()
    studio.endpoints.delete(LOCAL, "again")
    wait_for(lambda: not parts(studio), every=0.1)
    create(studio, "again")
    studio.deletion.look()
    assert studio.deletion.waiting() == {}
    assert in_service(studio, "again")()
    studio.deletion.ask(LOCAL, "again")
    until_gone(studio, "again")


def test_who_may_not_is_told_and_nothing_is_kept(studio: Studio, account: FaultyAws) -> None:
    create(studio, "denied")
    account.faults[DELETE] = refuse(400, "AccessDeniedException", "Not yours.")
    with pytest.raises(AwsDenied):
        studio.deletion.ask(LOCAL, "denied")
    assert studio.deletion.waiting() == {}
    account.faults.clear()
    studio.deletion.ask(LOCAL, "denied")
    until_gone(studio, "denied")


def test_what_scales_it_goes_with_it_although_aws_fails_once(
    studio: Studio, account: FaultyAws
) -> None:
    studio.scaling.create(LOCAL, "scaled", "ml.m5.large", ScalingSpec())
    wait_for(in_service(studio, "scaled"), every=0.1)
    studio.scaling.complete_pending()
    account.faults["DeregisterScalableTarget"] = refuse(400, "ThrottlingException", "Busy")
    studio.deletion.ask(LOCAL, "scaled")
    assert "Busy" in studio.deletion.waiting()["scaled"].problem
    account.faults.clear()
    until_gone(studio, "scaled")
    assert [one for one in studio.scaling._account.read() if one.endpoint == "scaled"] == []
