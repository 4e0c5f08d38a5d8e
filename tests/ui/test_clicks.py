"""A double click is one click, also where the server is slow with its first half."""

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import time  # noqa: PLC0415 - AppTest runs the body alone

    import streamlit as st  # noqa: PLC0415

    from ui.state import one_click  # noqa: PLC0415

    def act(request: str) -> None:
        with one_click("go", request) as click:
            st.session_state.setdefault("clicks", []).append(click)
            time.sleep(1.2)  # longer than two clicks are apart

    request = st.text_input("request", "a dog")
    st.button("go", key="button", on_click=act, args=(request,))


@pytest.mark.parametrize(("second", "ids"), [("a dog", 1), ("a cat", 2)])
def test_a_second_click_right_after_a_slow_one(second: str, ids: int) -> None:
    app = AppTest.from_function(page, default_timeout=60).run()
    app.button(key="button").click().run()
    app.text_input[0].set_value(second).run()
    app.button(key="button").click().run()
    clicks = app.session_state["clicks"]
    assert (len(clicks), len(set(clicks))) == (2, ids)
