"""The count of tokens and the borders of chunks that the prompt box shows."""

import pytest

from tests.support.prompt_tokens import COUNTS, STEPS
from tests.ui.components.prompt_editor.conftest import Call

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("prompt", COUNTS)
def test_the_box_counts_as_the_container(count: Call, prompt: str) -> None:
    found = count(prompt, STEPS)
    assert found["count"] == COUNTS[prompt]
    assert found["limit"] == 75 * max(1, -(-COUNTS[prompt] // 75))


@pytest.mark.parametrize(
    ("prompt", "borders"),
    [
        ("a dog", []),
        ("one BREAK two", [10]),
        ("<lora:a:1> one BREAK (two:1.2)", [22]),
        ("x " * 76, [150]),
        ("y, " * 37 + "z z z z", [111]),  # back to the last comma
        ("BREAK", []),
        ("[a BREAK b:c:0.5]", [9]),
    ],
)
def test_a_border_is_where_the_next_chunk_begins(
    count: Call, prompt: str, borders: list[int]
) -> None:
    assert count(prompt, STEPS)["borders"] == borders
