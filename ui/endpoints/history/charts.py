"""The charts of an endpoint's last day: queue, instances, seconds for an image."""

from datetime import timedelta
from typing import Any, Final

import streamlit as st

from core.endpoints.lifecycle.metric_history import Series
from core.errors import ContrappostoError
from core.ids import utc_now
from ui.state import studio, user
from ui.texts import lifecycle as texts
from ui.texts.formatting import escape

_DAY: Final = timedelta(days=1)


def charts_button(name: str) -> None:
    """Opens the charts; read once, when they are opened."""
    if st.button(texts.CHARTS, key=f"charts.{name}", icon=":material/show_chart:", type="tertiary"):
        _show(name)


def _show(name: str) -> None:
    """The dialog, with the endpoint's name as its title."""

    @st.dialog(texts.charts_title(name), width="large")
    def charts() -> None:
        try:
            with st.spinner(texts.READING_CHARTS):
                history = studio().metric_histories.read(user(), name)
        except ContrappostoError as error:
            st.error(escape(str(error)), icon=":material/error:")
            return
        _chart(texts.QUEUE, history.queue, texts.NO_QUEUE)
        _chart(texts.INSTANCES, history.instances, texts.NO_INSTANCES)
        _chart(texts.SECONDS, history.seconds_per_image, texts.NO_SECONDS)

    charts()


def _chart(title: str, series: Series, without: str) -> None:
    st.markdown(f"##### {title}", anchors=False)
    if not series:
        st.caption(without)
        return
    values = [value for _, value in series]
    columns = {texts.TIME: [at for at, _ in series], title: values}
    st.vega_lite_chart(columns, _line(title, 1.1 * max(1.0, *values)), height=180)


def _line(title: str, highest: float) -> dict[str, Any]:
    """A line over the whole day, from zero, with points: a day may have a single figure."""
    now = utc_now()
    day = [(now - _DAY).isoformat(), now.isoformat()]  # Vega-Lite draws nothing for numbers
    return {
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": texts.TIME,
                "type": "temporal",
                "scale": {"domain": day},
                "axis": {"title": None, "format": "%H:%M"},
            },
            "y": {
                "field": title,
                "type": "quantitative",
                "scale": {"domain": [0, highest]},
                "axis": {"title": None, "tickCount": 4, "format": "~g"},
            },
            "tooltip": [
                {"field": texts.TIME, "type": "temporal", "format": "%H:%M"},
                {"field": title, "type": "quantitative", "format": ".3~g"},
            ],
        },
    }
