"""How much of a job's files has come: what need not be downloaded does not count."""

from collections.abc import Callable

import pytest

from sagemaker_container.engine.files.fetcher import DownloadProgress

Act = Callable[[DownloadProgress], None]


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        ([], (0, 0)),
        ([lambda one: one.expect("a", 10)], (0, 10)),
        ([lambda one: one.expect("a", 10), lambda one: one.expect("a", 10)], (0, 10)),
        ([lambda one: one.expect("a", 10), lambda one: one.receive(4)], (4, 10)),
        ([lambda one: one.expect("a", 10), lambda one: one.forget("a")], (0, 0)),
        (
            [
                lambda one: one.expect("a", 10),
                lambda one: one.expect("b", 5),
                lambda one: one.receive(12),
                lambda one: one.receive(-2),
                lambda one: one.receive(1),
            ],
            (11, 15),
        ),
    ],
)
def test_bytes(acts: list[Act], told: tuple[int, int]) -> None:
    progress = DownloadProgress()
    for act in acts:
        act(progress)
    assert progress.bytes == told
