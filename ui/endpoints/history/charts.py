"""The charts of an endpoint's last day: queue, instances, seconds for an image."""

import streamlit as st

from core.endpoints.lifecycle.metric_history import Series
from core.errors import ContrappostoError
from ui.state import studio, user
from ui.texts import lifecycle as texts
from ui.texts.formatting import escape


def charts_button(name: str) -> None:
    """Opens the charts; read once, when they are opened."""
    if st.button(texts.CHARTS, key=f"charts.{name}", icon=":material/show_chart:", type="tertiary"):
        _show(name)


def _show(name: str) -> None:
    """The dialog, with the endpoint's name as its title."""

    @st.dialog(texts.charts_title(name), width="large")
    def charts() -> None:
        try:
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
    columns = {texts.TIME: [at for at, _ in series], title: [value for _, value in series]}
    st.line_chart(columns, x=texts.TIME, y=title, height=180)
