"""Nothing on a page moves by itself while it loads in a browser without a cache."""

import pytest

from tests.browser.conftest import NewPage
from tests.browser.layout_shift import Shift, cumulative_layout_shift, settled, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST = 0.1
"""What https://web.dev/articles/cls calls good; less than half of it is usual."""


@pytest.mark.parametrize("width", [pytest.param(1440, marks=pytest.mark.soak), 390])
@pytest.mark.parametrize("path", ["/", "/controlnet", "/jobs", "/models", "/endpoints", "/setup"])
def test_a_page_stays_where_it_is(url: str, new_page: NewPage, path: str, width: int) -> None:
    page = new_page()
    page.set_viewport_size({"width": width, "height": 900})
    watch(page)
    page.goto(url + path)
    shifts = settled(page)
    assert cumulative_layout_shift(shifts) < MOST, shifts


@pytest.mark.parametrize(
    ("found", "score"),
    [
        ([], 0.0),
        ([(1.0, 0.1), (1.5, 0.2)], 0.3),  # one window
        ([(1.0, 0.1), (2.0, 0.2)], 0.2),  # a second apart: two
        ([(1.0, 0.3), (3.0, 0.1), (3.5, 0.1)], 0.3),  # the worst counts
        ([(at * 0.9, 0.1) for at in range(1, 9)], 0.6),  # a window ends after five seconds
    ],
)
def test_the_score_is_that_of_the_worst_window(
    found: list[tuple[float, float]], score: float
) -> None:
    shifts = [Shift(at, value, []) for at, value in found]
    assert cumulative_layout_shift(shifts) == pytest.approx(score)
