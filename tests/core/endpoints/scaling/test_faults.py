"""Each call of scaling is denied, throttled or lost: it is told, and nothing is left unseen."""

from collections.abc import Iterator

import pytest

from core.aws.client import Connection
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.status import Endpoint, EndpointStatus
from core.errors import AwsError
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core.endpoints.scaling.test_orders import END, OFFICE
from tests.support.faulty_aws import Fault, FaultyAws, faulty, lose_answer, refuse
from tests.support.helpers import wait_for

NAME = "faulty"
SPEC = ScalingSpec(maximum=2, idle_minutes=30, hours=OFFICE, ends_at=END.replace(year=2098))
OTHER = SPEC.model_copy(update={"idle_minutes": 31})
CLOUDWATCH = "GraniteServiceVersion20100801."
SCALING = "AnyScaleFrontendService."

DENIED = refuse(400, "AccessDeniedException", "Not yours.")
THROTTLED = refuse(400, "ThrottlingException", "Rate exceeded")
FAULTS = {"denied": DENIED, "throttled": THROTTLED, "lost": lose_answer}

APPLIED = (
    f"{SCALING}DescribeScalableTargets",
    f"{SCALING}DescribeScalingPolicies",
    f"{SCALING}DescribeScheduledActions",
    f"{CLOUDWATCH}DescribeAlarms",
    f"{SCALING}RegisterScalableTarget",
    f"{SCALING}PutScalingPolicy",
    f"{CLOUDWATCH}PutMetricAlarm",
    f"{SCALING}PutScheduledAction",
)


@pytest.fixture(scope="module")
def account(connection: Connection) -> Iterator[FaultyAws]:
    with faulty(connection) as account:
        yield account


@pytest.fixture(scope="module")
def studio(account: FaultyAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """With an endpoint that is in service. Its worker does not look: the tests do."""
    settings = Settings(demo=False, data=tmp_path_factory.mktemp("studio"), bucket="faulty")
    with open_studio(settings, account.connection) as opened:
        opened._periodic.scaling.close()
        opened.scaling.create(LOCAL, NAME, "ml.m5.large", SPEC)
        wait_for(lambda: (found := opened.endpoints.find(LOCAL, NAME)) and found.accepts_jobs)
        opened.scaling.complete_pending()
        yield opened


@pytest.fixture(autouse=True)
def answers(account: FaultyAws, studio: Studio) -> Iterator[None]:
    yield
    account.faults.clear()
    for listing in (studio.endpoints._listing, studio.scaling._objects):
        listing.expire()


def is_pending(studio: Studio) -> bool:
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    return report.is_pending


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("call", APPLIED)
def test_an_order_that_is_not_carried_out_is_told_and_completed(
    studio: Studio, account: FaultyAws, call: str, fault: Fault
) -> None:
    account.faults[call] = fault
    orders = (OTHER, SPEC)
    found = studio.endpoints.find(LOCAL, NAME)
    assert found
    wanted = orders[found.scaling == OTHER]
    with pytest.raises(AwsError, match=r"^(Setting up|Reading) the scaling of "):
        studio.scaling.order(LOCAL, NAME, wanted)
    account.faults.clear()
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    assert report.is_pending
    assert "failed" in report.problem
    studio.scaling.complete_pending()
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    assert (report.is_pending, report.problem, report.findings) == (False, "", ())
    assert studio.endpoints.find(LOCAL, NAME)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_order_that_is_not_saved_changes_nothing(
    studio: Studio, account: FaultyAws, fault: Fault
) -> None:
    before = studio.endpoints.find(LOCAL, NAME)
    account.faults["SageMaker.AddTags"] = fault
    with pytest.raises(AwsError, match="Saving the scaling of faulty failed"):
        studio.scaling.order(LOCAL, NAME, SPEC.model_copy(update={"idle_minutes": 99}))
    account.faults.clear()
    if fault is lose_answer:  # AWS took it: the next look completes it
        studio.scaling.complete_pending()
    after = studio.endpoints.find(LOCAL, NAME)
    assert before
    assert after
    assert after.scaling_applied
    assert studio.scaling.reports(LOCAL, refresh=True)[NAME].findings == ()


@pytest.mark.parametrize(
    "call", [f"{SCALING}DeregisterScalableTarget", f"{CLOUDWATCH}DeleteAlarms"]
)
@pytest.mark.parametrize("fault", [DENIED, THROTTLED], ids=["denied", "throttled"])
def test_who_may_not_scale_creates_nothing(
    studio: Studio, account: FaultyAws, call: str, fault: Fault
) -> None:
    account.faults[call] = fault
    with pytest.raises(AwsError, match="was not created: its scaling can't be set up"):
        studio.scaling.create(LOCAL, "never", "ml.m5.large", SPEC)
    assert not studio.endpoints.exists("never")


@pytest.mark.parametrize(
    "call", [f"{SCALING}RegisterScalableTarget", "SageMaker.UpdateEndpointWeightsAndCapacities"]
)
def test_a_stop_that_fails_says_so(studio: Studio, account: FaultyAws, call: str) -> None:
    account.faults[call] = DENIED
    wait_for(lambda: studio.scaling.reports(LOCAL, refresh=True)[NAME].can_stop)
    with pytest.raises(AwsError, match="Stopping the endpoint faulty failed: Not yours"):
        studio.scaling.stop(LOCAL, NAME)


@pytest.mark.parametrize("call", [APPLIED[0], APPLIED[3], f"{CLOUDWATCH}GetMetricData"])
def test_what_is_not_read_is_said(studio: Studio, account: FaultyAws, call: str) -> None:
    studio.scaling.reports(LOCAL, refresh=True)
    account.faults[call] = DENIED
    studio.scaling._busy.expire()
    assert NAME in studio.scaling.reports(LOCAL, refresh=True)
    assert "Reading the" in studio.scaling.problem()


@pytest.mark.parametrize(
    "call", [f"{SCALING}DeregisterScalableTarget", f"{CLOUDWATCH}DeleteAlarms"]
)
def test_what_a_deletion_leaves_is_listed(studio: Studio, account: FaultyAws, call: str) -> None:
    name = f"left-{call[-5:].lower()}"
    studio.scaling.create(LOCAL, name, "ml.m5.large", SPEC)
    wait_for(lambda: (found := studio.endpoints.find(LOCAL, name)) and found.accepts_jobs)
    studio.scaling.complete_pending()
    wait_for(lambda: (one := studio.endpoints.find(LOCAL, name)) and one.status == "InService")
    account.faults[call] = DENIED
    with pytest.raises(AwsError, match="is deleted, but removing its scaling failed"):
        studio.endpoints.delete(LOCAL, name)
    account.faults.clear()
    wait_for(lambda: not studio.endpoints.exists(name))
    studio.endpoints.list(LOCAL, refresh=True)
    assert [one.endpoint for one in studio.scaling.leftovers()] == [name]
    studio.scaling.clean(LOCAL, name)
    assert studio.scaling.leftovers() == ()


@pytest.mark.parametrize("call", [f"{SCALING}RegisterScalableTarget", "SageMaker.AddTags"])
def test_a_hold_and_its_end_that_fail_are_told_and_can_be_repeated(
    studio: Studio, account: FaultyAws, call: str
) -> None:
    def settled() -> Endpoint | None:
        found = studio.endpoints.find(LOCAL, NAME)
        return found if found and found.status is EndpointStatus.IN_SERVICE else None

    account.faults[call] = DENIED
    with pytest.raises(AwsError, match="Keeping the endpoint faulty at zero failed: Not yours"):
        studio.scaling.budget.hold(wait_for(settled))
    account.faults.clear()
    assert not wait_for(settled).is_held
    studio.scaling.budget.hold(wait_for(settled))
    assert studio.scaling.reports(LOCAL, refresh=True)[NAME].findings == ()
    account.faults[call] = DENIED
    with pytest.raises(AwsError, match="Letting the endpoint faulty go on failed"):
        studio.scaling.budget.release(wait_for(settled))
    account.faults.clear()
    assert wait_for(settled).is_held
    studio.scaling.budget.release(wait_for(settled))
    assert not wait_for(settled).is_held
    assert studio.scaling.reports(LOCAL, refresh=True)[NAME].findings == ()
