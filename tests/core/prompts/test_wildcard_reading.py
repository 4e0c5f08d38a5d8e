"""Wildcard files are read as dynamicprompts reads them; hostile ones are refused."""

import json

import pytest

from core.errors import InvalidInput
from core.prompts.wildcards.reading import (
    WildcardFormat,
    clean_wildcard_name,
    decode,
    format_of,
    read_lists,
)
from formats.limits import MAX_WILDCARD_BYTES, MAX_WILDCARD_VALUES

TXT, YAML, JSON = WildcardFormat


def texts_of(text: str, written: WildcardFormat) -> dict[str, list[str]]:
    found = read_lists("file", text, written)
    return {name: [value.text for value in values] for name, values in found.items()}


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        (TXT, "red\nblue\n", {"file": ["red", "blue"]}),
        (TXT, "\n# why\n  red  \n\n#blue\ngreen # why", {"file": ["red", "green # why"]}),
        (TXT, "{a|b} c\n__other__", {"file": ["{a|b} c", "__other__"]}),
        (YAML, "- red\n- blue", {"file": ["red", "blue"]}),
        (YAML, "colors:\n  - red\n  - 7\n", {"colors": ["red", "7"]}),
        (YAML, "a:\n  b: [x]\n  c:\n    d: [y, z]", {"a/b": ["x"], "a/c/d": ["y", "z"]}),
        (YAML, "a: only\nb:\nc: [x, null, '']", {"a": ["only"], "c": ["x"]}),
        (YAML, "a/b: [x]\na: {b: [y]}", {"a/b": ["x", "y"]}),
        (JSON, '["red", "blue"]', {"file": ["red", "blue"]}),
        (JSON, '{"a": {"b": ["x"]}, "c": "y"}', {"a/b": ["x"], "c": ["y"]}),
    ],
)
def test_a_file_is_read(written: WildcardFormat, text: str, expected: dict[str, list[str]]) -> None:
    assert texts_of(text, written) == expected


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (TXT, "2.5::red\nblue"),
        (YAML, "- 2.5::red\n- blue"),
        (YAML, "- {text: red, weight: 2.5}\n- {content: blue}"),
        (JSON, '[{"text": "red", "weight": 2.5}, "blue"]'),
    ],
)
def test_values_have_weights(written: WildcardFormat, text: str) -> None:
    (values,) = read_lists("file", text, written).values()
    assert [(value.text, value.weight) for value in values] == [("red", 2.5), ("blue", 1.0)]


BOMB = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(9))


@pytest.mark.parametrize(
    ("written", "text", "words"),
    [
        (TXT, "", "no values"),
        (TXT, "# only", "no values"),
        (YAML, "a: [", "no YAML"),
        (YAML, "7", "no list"),
        (YAML, "a: [[x]]", "no list"),
        (YAML, BOMB, "aliases"),
        (YAML, "[" * 5000, "nested|no YAML"),
        (YAML, "!!python/object/apply:os.system [ls]", "no YAML"),
        (YAML, "a: &a {<<: *a}", "aliases"),
        (YAML, "'../a': [x]", "wildcard's name"),
        (JSON, "{", "no JSON"),
        (JSON, "[" * 100_000, "nested|no JSON"),
        (JSON, '{"a":' * 12 + '["x"]' + "}" * 12, "nested"),
        (JSON, '[{"text": "a", "weight": -1}]', "weight"),
        (JSON, '[{"text": "a", "weight": NaN}]', "weight"),
        (JSON, json.dumps({f"n{n}": ["x"] for n in range(501)}), "500 lists"),
        (TXT, "x" * 2001, "2,000 characters"),
        (TXT, "\n".join(map(str, range(MAX_WILDCARD_VALUES + 1))), "20,000 values"),
        (TXT, "é" * MAX_WILDCARD_BYTES, "MiB"),
    ],
    ids=range(19),
)
def test_what_is_wrong_is_refused(written: WildcardFormat, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_lists("file", text, written)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("colors", "colors"),
        ("/a/b/", "a/b"),
        ("a\\b", "a/b"),
        ("my  Colors 2", "my Colors 2"),
        ("hair-style_v1.2", "hair-style_v1.2"),
        ("größe", "größe"),
        *(
            (bad, None)
            for bad in ("", "..", "a/../b", "a__b", "_a", "a*", "a{b", "a//b", "x" * 129)
        ),
        ("/".join("abcdefghi"), None),
    ],
)
def test_names_are_safe(name: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InvalidInput, match="wildcard's name"):
            clean_wildcard_name(name)
    else:
        assert clean_wildcard_name(name) == expected


def test_a_file_is_utf8_with_a_known_ending() -> None:
    assert decode(b"\xef\xbb\xbfa\r\nb") == "a\nb"
    assert [format_of(name) for name in ("a.TXT", "a.yml", "b.yaml", "c.json")] == [
        TXT,
        YAML,
        YAML,
        JSON,
    ]
    for wrong in ("a.exe", "a"):
        with pytest.raises(InvalidInput, match="ends in"):
            format_of(wrong)
    with pytest.raises(InvalidInput, match="UTF-8"):
        decode(b"\xff\xfe")
