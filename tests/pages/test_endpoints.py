"""Endpoints: create with the defaults, see the state, delete after a question."""

from typing import Any

import pytest

from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open


def names(studio: Studio) -> set[str]:
    return {endpoint.name for endpoint in studio.endpoints.list(LOCAL, refresh=True)}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("endpoints.name", "no spaces please", "letters, digits and hyphens"),
        ("endpoints.name", "", "1-63"),
        ("endpoints.name", "endpoints", "already"),
        ("endpoints.minimum", -1, "0 to 10."),
        ("endpoints.maximum", 0, "1 to 10."),
        ("endpoints.maximum", 99, "1 to 10."),
        ("endpoints.minimum", 3, "can't be below"),
        ("endpoints.idle_minutes", 0, "1 to 1440."),
    ],
)
def test_what_sagemaker_would_refuse_is_said(
    page: Open, studio: Studio, key: str, value: Any, says: str
) -> None:
    before = names(studio)
    app = page("endpoints")
    widget = app.text_input if key.endswith("name") else app.number_input
    widget(key=key).set_value(value).run()
    button(app, "Create endpoint").click().run()
    assert says in errors(app)
    assert not app.exception
    assert names(studio) == before


def test_the_defaults_make_an_endpoint_and_delete_asks_first(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    button(app, "Create endpoint").click().run()
    assert not errors(app)
    assert "studio-1" in names(studio)
    assert app.text_input(key="endpoints.name").value == "studio-2"
    assert not app.button(key="delete.studio-1").disabled
    wait_for(lambda: all(e.accepts_jobs for e in studio.endpoints.list(LOCAL, refresh=True)))
    app.run()
    app.button(key="delete.studio-1").click().run()
    app.button(key="endpoints.delete.no").click().run()
    assert "studio-1" in names(studio)
    app.button(key="delete.studio-1").click().run()
    app.button(key="endpoints.delete.yes").click().run()
    assert not app.exception
    wait_for(lambda: "studio-1" not in names(studio))


def test_the_form_says_which_gpu_host_it_will_be(page: Open) -> None:
    app = page("endpoints")
    for kind, said in (("ml.g5.xlarge", True), ("ml.m5.large", False)):
        app.selectbox(key="endpoints.type").set_value(kind).run()
        notes = " ".join(str(c.value) for c in app.caption)
        assert ("GPU A10G (Ampere) · NVIDIA driver 580, CUDA 13.0" in notes) is said


def test_other_types_are_refused_at_their_field_or_taken_in_order(
    page: Open, studio: Studio
) -> None:
    app = page("endpoints")
    app.text_input(key="endpoints.name").set_value("pool").run()
    app.selectbox(key="endpoints.type").set_value("ml.g5.xlarge").run()
    app.multiselect(key="endpoints.type.others").set_value(["ml.m5.large"]).run()
    button(app, "Create endpoint").click().run()
    assert "ml.m5.large can't stand in for ml.g5.xlarge" in errors(app)
    app.multiselect(key="endpoints.type.others").set_value(["ml.g6.xlarge"]).run()
    button(app, "Create endpoint").click().run()
    assert not errors(app)
    assert "ml.g5.xlarge, else ml.g6.xlarge" in " ".join(str(c.value) for c in app.caption)
    wait_for(lambda: (e := studio.endpoints.find(LOCAL, "pool")) and e.accepts_jobs)
    studio.scaling.complete_pending()
    studio.endpoints.delete(LOCAL, "pool")
    wait_for(lambda: "pool" not in names(studio))


def test_a_gpu_that_is_too_old_is_refused_with_the_reason(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    before = names(studio)
    app.selectbox(key="endpoints.type").set_value("ml.p3.2xlarge").run()
    button(app, "Create endpoint").click().run()
    assert "V100 (Volta), which CUDA 13 no longer supports" in errors(app)
    assert names(studio) == before


def test_the_list_tells_state_and_instances(page: Open) -> None:
    app = page("endpoints")
    shown = " ".join([*(str(m.value) for m in app.markdown), *(str(c.value) for c in app.caption)])
    assert "InService" in shown
    assert "ml.m5.large · 1 instance" in shown


def test_what_no_endpoint_runs_is_read_when_asked_for(page: Open) -> None:
    app = page("endpoints")
    switch = app.toggle(key="endpoints.orphans")
    for on in (False, True):
        switch.set_value(on).run()
        assert ("There are none." in [c.value for c in app.caption]) is on


def test_an_update_is_asked_for_in_a_dialog(page: Open, studio: Studio) -> None:
    app = page("endpoints")
    app.button(key="update.endpoints").click().run()
    app.selectbox(key="endpoints.update.type").set_value("ml.m5.xlarge")
    app.button(key="endpoints.update.save").click().run()
    assert not app.exception
    assert not errors(app)

    def is_updated() -> bool:
        studio.updates.look()
        endpoint = studio.endpoints.find(LOCAL, "endpoints")
        return endpoint is not None and endpoint.instance_type == "ml.m5.xlarge"

    wait_for(is_updated)


def test_the_charts_show_the_last_day(page: Open, studio: Studio) -> None:
    wait_for(lambda: studio.metric_histories.read(LOCAL, "endpoints").queue, every=1)
    wait_for(lambda: studio.metric_histories.read(LOCAL, "endpoints").instances, every=1)
    app = page("endpoints")
    app.button(key="charts.endpoints").click().run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 2
    assert "CONTRAPPOSTO_EMF" in " ".join(str(caption.value) for caption in app.caption)


def test_fields_of_the_other_kind_keep_what_was_chosen(page: Open) -> None:
    app = page("endpoints")
    numbers = ("minimum", "maximum", "backlog_target", "idle_minutes")
    app.number_input(key="endpoints.idle_minutes").set_value(30).run()
    app.toggle(key="endpoints.office").set_value(True).run()
    app.radio(key="endpoints.asynchronous").set_value(False).run()
    app.run()  # a run without the fields, of which Streamlit then forgets the values
    app.radio(key="endpoints.asynchronous").set_value(True).run()
    assert [app.number_input(key=f"endpoints.{name}").value for name in numbers] == [0, 1, 4, 30]
    assert app.toggle(key="endpoints.office").value
    assert app.selectbox(key="endpoints.timezone").value == "UTC"
