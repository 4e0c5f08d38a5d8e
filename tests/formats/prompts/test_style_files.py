"""Files of styles of other programs, and what is none."""

import pytest

from formats.limits import MAX_STYLES_BYTES
from formats.prompts.style_files import read_style_file
from formats.prompts.styles_csv import Style

INK = Style(name="Ink", prompt="ink, {prompt}", negative_prompt="colour")


@pytest.mark.parametrize(
    "data",
    [
        b'name,prompt,negative_prompt\nInk,"ink, {prompt}",colour\n',
        b'\xef\xbb\xbfname,positive_prompt,negative_prompt\nInk,"ink, {prompt}",colour\n',
        b'[{"name": "Ink", "prompt": "ink, {prompt}", "negative_prompt": "colour", "type": "x"}]',
        b'\xef\xbb\xbf [{"name":" Ink","positive_prompt":"ink, {prompt}",'
        b'"negative_prompt":"colour"}]',
        b'[{"name":"Ink","prompt":"old"},{"name":"Ink","prompt":"ink, {prompt}",'
        b'"negative_prompt":"colour"}]',
    ],
    ids=["A1111", "InvokeAI's CSV", "InvokeAI's JSON", "with a BOM", "one name twice"],
)
def test_reads_what_others_write(data: bytes) -> None:
    assert read_style_file(data) == (INK,)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "first line must be"),
        (b'{"name": "Ink"}', "first line must be"),
        (b"[1, 2", "can't be read"),
        (b"[1]", "Entry 1 is no style"),
        (b'[{"name": "a"}, {"prompt": "x"}]', "Entry 2 is no style"),
        (b'[{"name": "a", "prompt": 5}]', "Entry 1 is no style"),
        (b"[" + b" " * MAX_STYLES_BYTES, "4 MB at most"),
        (b"[" + b'{"name":"a"},' * 5000 + b'{"name":"a"}]', "5,000 are the most"),
    ],
)
def test_says_what_is_wrong(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_style_file(data)
