"""Costs on the Endpoints page and of a job, with a price file: spend, idle time, limits, days."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.endpoints.costs.instance_seconds import EndpointUsage
from core.endpoints.costs.ledger import USAGE, month_of, usage_id
from core.endpoints.costs.limits import LIMITS, LIMITS_ID, EndpointLimits, StopReason
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint
from core.jobs.preparing.draft import Draft
from core.records.edit import edit
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors, finish
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.state import set_studio

TYPE: Final = "ml.m5.large"
HOUR: Final = 3600
PRICES: Final = {
    "region": "us-east-1",
    "as_of": "2026-10-01",
    "source": "our contract",
    "per_hour": {TYPE: 1.4},
}


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """One that looks only when a test does."""
    folder = tmp_path_factory.mktemp("costs")
    prices = folder / "prices.json"
    prices.write_text(json.dumps([PRICES]), "utf-8")
    settings = Settings(
        demo=False,
        data=folder,
        bucket="pages-costs",
        poll_seconds=0.1,
        instance_type=TYPE,
        price_file=prices,
    )
    with open_studio(settings, connection) as opened:
        opened._periodic.costs.close()
        set_studio(opened)
        opened.uploads.start_paths(LOCAL, [str(models / "tiny-noise-v1.safetensors")], None)
        opened.endpoints.create(LOCAL, "costs", TYPE, 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[-1].accepts_jobs)
        yield opened
        set_studio(None)


def endpoint(studio: Studio) -> Endpoint:
    found = studio.endpoints.find(LOCAL, "costs")
    assert found
    return found


def up_for(studio: Studio, *, hours: float, idle: float, estimated: float = 0) -> None:
    """The records say that the endpoint was up for so many hours, the last ones idle."""
    one, now = endpoint(studio), datetime.now(UTC)
    usage = EndpointUsage(
        endpoint="costs",
        created_at=one.created_at,
        seen_at=now,
        instance_type=TYPE,
        instances=1,
        seconds={TYPE: hours * HOUR},
        estimated={TYPE: estimated * HOUR},
        busy_at=now - timedelta(hours=idle),
        idle={TYPE: idle * HOUR},
    )
    edit(studio.records, USAGE, month_of(now), usage_id(one), lambda _: usage)
    studio.costs.look()


def shown(app: AppTest) -> str:
    """Texts of the page, as they are read."""
    parts = [*app.markdown, *app.caption, *app.warning, *app.info]
    return " ".join(str(part.value) for part in parts).replace("\\", "").replace("\u2060", "")


def test_the_form_tells_the_price_and_takes_another(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    assert "$1.40 an hour and instance, list price as of 2026-10-01 (our contract)" in shown(app)
    app.selectbox(key="endpoints.type").set_value("ml.p5.48xlarge").run()
    assert "$113.07 an hour and instance, list price as of 2025-02-01" in shown(app)
    app.selectbox(key="endpoints.type").set_value("ml.g6.xlarge").run()
    assert "The price of ml.g6.xlarge in this region is unknown." in shown(app)
    app.number_input(key="costs.price.ml.g6.xlarge").set_value(-1.0).run()
    app.button(key="costs.price.save").click().run()
    assert "$0 to $10,000 an hour" in errors(app)
    app.number_input(key="costs.price.ml.g6.xlarge").set_value(1.25).run()
    app.button(key="costs.price.save").click().run()
    assert not errors(app)
    assert "$1.25 an hour and instance" in shown(app)
    assert "(set by hand)" in shown(app)
    assert "a month, also while idle" not in shown(app)
    app.number_input(key="endpoints.maximum").set_value(2).run()
    app.number_input(key="endpoints.minimum").set_value(2).run()
    assert "2 instances always kept: $1,825.00 a month, also while idle" in shown(app)


def test_a_card_tells_what_was_spent_and_offers_to_stop_what_is_idle(
    page: Open, studio: Studio
) -> None:
    up_for(studio, hours=5, idle=0.1)
    app = page("endpoints")
    assert "$7.00 since its start · $7.00 this month" in shown(app)
    assert "Idle for" not in shown(app)
    up_for(studio, hours=5, idle=3, estimated=2)
    app.run()
    assert "2 h 0 min of it are an estimate" in shown(app)
    assert "Idle for 3 h 0 min, $4.20 since then." in shown(app)
    app.button(key="costs.stop.costs").click().run()
    app.button(key="endpoints.stop.no").click().run()
    assert endpoint(studio).accepts_jobs


def test_a_budget_is_set_and_warns(page: Open, studio: Studio) -> None:
    up_for(studio, hours=6, idle=0)
    app = page("endpoints")
    app.number_input(key="costs.limits.costs.budget").set_value(-5.0).run()
    app.button(key="costs.limits.costs.save").click().run()
    assert "More than $0" in errors(app)
    app.number_input(key="costs.limits.costs.budget").set_value(10.0).run()
    app.button(key="costs.limits.costs.save").click().run()
    assert not errors(app)
    assert "84 % of this month's budget of $10.00 is used. At 100 % it is stopped." in shown(app)
    assert "while no dashboard runs, nothing is stopped" in shown(app)
    studio.costs.set_limits(LOCAL, "costs", 20, None)  # somebody else
    app.run()
    assert app.number_input(key="costs.limits.costs.budget").value == 20
    app.number_input(key="costs.limits.costs.budget").set_value(None).run()
    app.button(key="costs.limits.costs.save").click().run()
    assert "budget of" not in shown(app)


def test_an_end_date_is_set_in_the_viewers_zone(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    end = datetime(datetime.now(UTC).year + 2, 5, 1, 18, 30)
    app.datetime_input(key="costs.limits.costs.end").set_value(end).run()
    app.button(key="costs.limits.costs.save").click().run()
    assert not errors(app)
    assert f"Runs until {end.year}-05-01 18:30:00." in shown(app)
    past = datetime(end.year - 4, 1, 1)
    app.datetime_input(key="costs.limits.costs.end").set_value(past).run()
    app.button(key="costs.limits.costs.save").click().run()
    assert "Choose an end that lies ahead" in errors(app)


def test_a_stopped_endpoint_is_told(page: Open, studio: Studio) -> None:
    now = datetime.now(UTC)
    stopped = EndpointLimits(monthly_budget=5, stopped_at=now, stopped_for=StopReason.BUDGET)
    edit(studio.records, LIMITS, "former", LIMITS_ID, lambda _: stopped)
    studio.costs.look()
    said = shown(page("endpoints"))
    assert "former was stopped at" in said
    assert "its budget for the month was used up" in said


def test_a_job_tells_what_it_cost(page: Open, studio: Studio) -> None:
    draft = Draft(endpoint="costs", checkpoints=("tiny-noise-v1.safetensors",), prompt="a dog")
    (job,) = studio.jobs.submit(LOCAL, draft, "costs")
    finish(studio, job)
    app = page("jobs", job=job.id)
    table = " ".join(str(found.proto.body) for found in app.get("html"))
    assert "at $1.40 an hour, list price as of 2026-10-01 (our contract)" in table

    def days() -> object:
        studio.costs.look()
        return studio.costs.days(LOCAL)

    wait_for(days)
    app = page("endpoints")
    assert "this month on all endpoints, deleted ones too." in shown(app)
    (table_of_days,) = app.dataframe
    row = table_of_days.value.iloc[0].to_dict()
    assert (row["User"], row["Jobs"], row["Pictures"], row["Cost"]) == ("local", 1, 1, "$0.00")


def test_a_real_time_endpoint_says_what_it_costs_idle_and_starts_again(
    page: Open, studio: Studio
) -> None:
    app = page("endpoints")
    app.radio(key="endpoints.asynchronous").set_value(False).run()
    assert "$1.40 an hour, $33.60 a day" in warnings(app)
    app.number_input(key="endpoints.fixed.instances").set_value(2).run()
    assert "$2.80 an hour, $67.20 a day" in warnings(app)
    app.number_input(key="endpoints.fixed.instances").set_value(0).run()
    button(app, "Create endpoint").click().run()
    assert "1 to 10 instances" in errors(app)
    app.number_input(key="endpoints.fixed.instances").set_value(1).run()
    app.text_input(key="endpoints.name").set_value("quick").run()
    button(app, "Create endpoint").click().run()
    wait_for(lambda: is_ready(studio, "quick"))
    app.run()
    app.button(key="stop.quick").click().run()
    app.button(key="endpoints.stop.yes").click().run()
    wait_for(lambda: "quick" in {order.name for order in studio.orders.stopped(LOCAL)})
    wait_for(lambda: "quick" not in studio.endpoints.names_in_account())
    app.run()
    assert any("real-time, 1 instance" in str(m.value).replace("\\", "") for m in app.markdown)
    app.button(key="start.quick").click().run()
    wait_for(lambda: is_ready(studio, "quick"))
    assert not app.exception
    studio.endpoints.delete(LOCAL, "quick")


def warnings(app: AppTest) -> str:
    return " ".join(str(warning.value) for warning in app.warning).replace("\\", "")


def is_ready(studio: Studio, name: str) -> bool:
    endpoints = studio.endpoints.list(LOCAL, refresh=True)
    return any(e.name == name and e.accepts_jobs for e in endpoints)


def test_an_endpoint_over_its_budget_goes_on_at_a_click(page: Open, studio: Studio) -> None:
    studio.scaling.order(LOCAL, "costs", ScalingSpec(maximum=1))
    up_for(studio, hours=6, idle=0)
    studio.costs.set_limits(LOCAL, "costs", 5, None)
    studio.costs.look()
    wait_for(lambda: endpoint(studio).status == "InService" and not endpoint(studio).instances)
    app = page("endpoints")
    assert "Kept at zero: neither a job nor the office hours start an instance" in shown(app)
    app.button(key="costs.go_on.costs").click().run()
    assert not errors(app)
    assert "The budget stops nothing until this month ends." in shown(app)
    assert not endpoint(studio).is_held
    studio.costs.set_limits(LOCAL, "costs", None, None)
    studio.scaling.wake(LOCAL, "costs")
    wait_for(lambda: endpoint(studio).instances == 1)
