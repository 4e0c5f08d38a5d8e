"""An endpoint gets another type, image or number without losing its scaling; a rollback is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.endpoints.lifecycle.update import EndpointUpdate
from core.endpoints.lifecycle.update_record import UpdateOutcome
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.spec import EndpointSpec
from core.endpoints.status import Endpoint
from core.errors import AwsError, InvalidInput
from core.ids import utc_now
from core.studio.service import Studio
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from tests.core.endpoints.lifecycle.conftest import create, in_service, parts, until_gone
from tests.support.faulty_aws import FaultyAws, lose_answer, refuse
from tests.support.helpers import wait_for

OTHER = "123456789012.dkr.ecr.us-east-1.amazonaws.com/contrapposto:2"


@pytest.fixture(scope="module")
def later(studio: Studio) -> EndpointUpdate:
    """Another dashboard, whose clock is a minute ahead."""
    return EndpointUpdate(
        studio.settings,
        studio.endpoints,
        studio.scaling,
        studio.records,
        Access(allow_all),
        lambda: utc_now() + timedelta(minutes=1),
    )


def found(studio: Studio, name: str) -> Endpoint:
    endpoint = studio.endpoints.find(LOCAL, name)
    assert endpoint
    return endpoint


def remove(studio: Studio, name: str) -> None:
    studio.deletion.ask(LOCAL, name)
    until_gone(studio, name)
    assert parts(studio) == set()


def until_followed(studio: Studio, updates: EndpointUpdate, name: str) -> None:
    def ended() -> bool:
        updates.look()
        update = updates.known().get(name)
        return update is None or update.outcome is not UpdateOutcome.RUNNING

    wait_for(ended, every=0.2)


def test_type_and_image_change_and_the_scaling_comes_back(
    studio: Studio, later: EndpointUpdate
) -> None:
    studio.scaling.create(LOCAL, "team", "ml.m5.large", ScalingSpec(minimum=1, maximum=3))
    wait_for(in_service(studio, "team"), every=0.1)
    studio.scaling.complete_pending()
    assert found(studio, "team").scaling_applied
    studio.updates.ask(LOCAL, "team", "ml.m5.xlarge", OTHER)
    running = studio.updates.known()["team"]
    assert (running.old.instance_type, running.wanted.instance_type) == (
        "ml.m5.large",
        "ml.m5.xlarge",
    )
    until_followed(studio, later, "team")
    after = found(studio, "team")
    assert (after.instance_type, after.image, after.desired) == ("ml.m5.xlarge", OTHER, 1)
    assert not after.scaling_applied
    studio.scaling.complete_pending()
    assert found(studio, "team").scaling_applied
    assert studio.scaling.reports(LOCAL, refresh=True)["team"].findings == ()
    new = running.wanted.config_name
    assert parts(studio) == {f"model {new}", f"config {new}", "endpoint team"}
    remove(studio, "team")


def test_the_number_changes_where_no_scaling_decides_it(
    studio: Studio, later: EndpointUpdate
) -> None:
    create(studio, "counted")
    studio.updates.ask(LOCAL, "counted", "ml.m5.large", instances=2)
    until_followed(studio, later, "counted")
    assert found(studio, "counted").desired == 2
    remove(studio, "counted")


def test_a_rollback_is_seen_and_told(
    studio: Studio, later: EndpointUpdate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new instances' driver is too old, and AWS goes back by itself."""
    create(studio, "back")
    old_driver = studio.settings.model_copy(update={"inference_ami": ""})
    monkeypatch.setattr(studio.endpoints.resources, "_settings", old_driver)
    studio.updates.ask(LOCAL, "back", "ml.g5.xlarge", OTHER)
    until_followed(studio, later, "back")
    update = later.known()["back"]
    assert update.outcome is UpdateOutcome.ROLLED_BACK
    assert "CannotStartContainerError" in update.reason
    assert (update.old.instance_type, update.wanted.instance_type) == (
        "ml.m5.large",
        "ml.g5.xlarge",
    )
    assert found(studio, "back").instance_type == "ml.m5.large"
    assert parts(studio) == {"model back", "config back", "endpoint back"}
    later.dismiss(LOCAL, "back")
    studio.updates.look()
    assert studio.updates.known() == {}
    remove(studio, "back")


@pytest.mark.parametrize("call", ["CreateModel", "CreateEndpointConfig", "UpdateEndpoint"])
def test_a_refusal_leaves_everything_as_it_was(
    studio: Studio, account: FaultyAws, call: str
) -> None:
    create(studio, "refused")
    account.faults[f"SageMaker.{call} "] = refuse(400, "ResourceLimitExceeded", "No more.")
    with pytest.raises(AwsError, match="No more"):
        studio.updates.ask(LOCAL, "refused", "ml.m5.xlarge")
    account.faults.clear()
    assert parts(studio) == {"model refused", "config refused", "endpoint refused"}
    assert studio.updates.known() == {}
    remove(studio, "refused")


def test_an_answer_that_is_lost_is_no_refusal(
    studio: Studio, later: EndpointUpdate, account: FaultyAws, ready: Path
) -> None:
    create(studio, "lost")
    ready.unlink()
    account.faults["SageMaker.UpdateEndpoint "] = lose_answer
    studio.updates.ask(LOCAL, "lost", "ml.m5.xlarge")
    account.faults.clear()
    ready.touch()
    until_followed(studio, later, "lost")
    assert found(studio, "lost").instance_type == "ml.m5.xlarge"
    remove(studio, "lost")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"instance_type": "ml.made.up"}, "instance_type"),
        ({"instance_type": "ml.p3.2xlarge"}, "instance_type"),
        ({"instance_type": "ml.m5.large"}, "instance_type"),
        ({"instance_type": "ml.m5.large", "instances": 11}, "instances"),
    ],
)
def test_what_can_not_be_is_refused_at_the_field(
    studio: Studio, asked: dict[str, object], field: str
) -> None:
    if not in_service(studio, "checked")():
        create(studio, "checked")
    with pytest.raises(InvalidInput) as caught:
        studio.updates.ask(LOCAL, "checked", **asked)  # type: ignore[arg-type]  # of each field
    assert caught.value.field == field


def test_a_new_version_has_a_name_that_sagemaker_takes() -> None:
    spec = EndpointSpec(
        name="x" * 63, instance_type="ml.m5.large", instances=1, owner="a", version="u261129"
    )
    assert spec.config_name == "x" * 55 + "-u261129"
