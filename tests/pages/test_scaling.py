"""Scaling on the Endpoints page: ordered, stopped and woken, repaired, cleaned up."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.objects import target_key
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint
from core.ids import created_at, new_id, utc_now
from core.jobs.records import Job
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from tests.pages.steps import errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.endpoints.waking import waking_text

NAME = "scaling"
SPEC = ScalingSpec(maximum=2, idle_minutes=20)


@pytest.fixture(autouse=True)
def ordered(studio: Studio) -> Iterator[None]:
    """The endpoint of this file with an order, awake."""
    if described(studio).scaling != SPEC:
        studio.scaling.order(LOCAL, NAME, SPEC)
    yield
    if described(studio).desired == 0:
        wait_for(lambda: described(studio).status == "InService")
        studio.scaling.wake(LOCAL, NAME)
        wait_for(lambda: described(studio).instances == 1)


def described(studio: Studio) -> Endpoint:
    found = studio.endpoints.find(LOCAL, NAME)
    assert found
    return found


def shown(app: AppTest) -> str:
    return " ".join(str(e.value) for e in (*app.markdown, *app.caption, *app.warning, *app.error))


def offered(app: AppTest) -> list[str]:
    """The picker's endpoints with their states."""
    return list(next(box.options for box in app.selectbox if box.label == "Endpoint"))


def test_it_stops_and_wakes_at_a_click(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    assert "0 to 2 instances · 4 jobs each · idle 20 min" in shown(app).replace("\\", "")
    assert "Idle; will stop at about" in shown(app)
    app.button(key=f"zero.{NAME}").click().run()
    assert not errors(app)
    wait_for(lambda: described(studio).is_at_zero)
    wait_for(lambda: studio.scaling.reports(LOCAL)[NAME].can_wake)
    app.run()
    assert "At zero" in shown(app)
    assert "The next job wakes it: usually half a minute." in shown(app)
    assert f"○ {NAME} · At zero" in offered(page("generate"))
    job_id = new_id()
    queued = Job(
        id=job_id,
        owner=LOCAL.name,
        endpoint=NAME,
        created_at=created_at(job_id),
        updated_at=utc_now(),
        sent_at=utc_now(),
        mode=Mode.TXT2IMG,
        checkpoint="a.safetensors",
        prompt="a dog",
    )
    assert waking_text(queued) == "waking the endpoint, usually half a minute"
    app.button(key=f"wake.{NAME}").click().run()
    assert not errors(app)
    wait_for(lambda: described(studio).instances == 1)
    wait_for(lambda: waking_text(queued) == "")


def test_the_doctor_repairs_at_a_click(page: Open, studio: Studio) -> None:
    studio.scaling._writer._autoscaling.delete_scaling_policy(
        **target_key(NAME), PolicyName=names_of(NAME).tracking
    )
    studio.scaling._objects.expire()
    app = page("endpoints")
    assert "**Policy on the backlog for each instance** is missing" in shown(app)
    app.button(key=f"repair.{NAME}").click().run()
    assert not errors(app)
    assert "is missing" not in shown(app)


@pytest.mark.parametrize(
    ("field", "value", "problems"),
    [
        ("maximum", 99, {"maximum": "1 to 10."}),
        ("minimum", 3, {"maximum": "The maximum can't be below the minimum."}),
        ("backlog_target", None, {"backlog_target": "1 to 100."}),
        ("idle_minutes", 30, {}),
    ],
)
def test_the_dialog_saves_or_refuses_at_the_field(
    page: Open, studio: Studio, field: str, value: int | None, problems: dict[str, str]
) -> None:
    app = page("endpoints")
    app.button(key=f"scale.{NAME}").click().run()
    assert app.number_input(key="endpoints.edited.maximum").value == SPEC.maximum
    app.number_input(key=f"endpoints.edited.{field}").set_value(value)
    app.button(key="endpoints.edited.save").click().run()
    assert not app.exception
    assert app.session_state["endpoints.edited.problems"] == problems
    saved = described(studio).scaling
    assert (saved == SPEC) is bool(problems)


def test_what_is_left_over_is_removed_at_a_click(page: Open, studio: Studio) -> None:
    cloudwatch = studio.scaling._writer._cloudwatch
    cloudwatch.put_metric_alarm(
        AlarmName=names_of("long-gone").alarm,
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "long-gone"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    studio.scaling._objects.expire()
    app = page("endpoints")
    assert "long-gone: 1 alarm, 0 scaling objects" in shown(app).replace("\\", "")
    app.button(key="clean.long-gone").click().run()
    assert not errors(app)
    assert "long-gone" not in shown(app).replace("\\", "")
