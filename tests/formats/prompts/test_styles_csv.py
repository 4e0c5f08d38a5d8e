"""A1111's styles.csv: its golden cases, there and back, and files that are none."""

import pytest

from formats.limits import MAX_STYLES_BYTES, PROMPT_BYTES
from formats.prompts.styles_csv import (
    Prompts,
    Style,
    apply_styles,
    extract_styles,
    read_styles,
    write_styles,
)

BOM = b"\xef\xbb\xbf"
HEADER = b"name,prompt,negative_prompt\n"


@pytest.mark.parametrize(
    ("data", "styles"),
    [
        (
            HEADER + b"Ink,ink drawing,colour\n",
            [Style(name="Ink", prompt="ink drawing", negative_prompt="colour")],
        ),
        (BOM + HEADER + b"Ink,ink,\r\n", [Style(name="Ink", prompt="ink")]),
        (
            HEADER + b'Film,"film still, {prompt}, grain",\n',
            [Style(name="Film", prompt="film still, {prompt}, grain")],
        ),
        (HEADER + b'Film, "a, b", c\n', [Style(name="Film", prompt="a, b", negative_prompt="c")]),
        (HEADER + b'Two,"first line\nsecond",\n', [Style(name="Two", prompt="first line\nsecond")]),
        (b"name,text\nOld,an old one\n", [Style(name="Old", prompt="an old one")]),
        (HEADER + b"# divider,,\n,nameless,\nInk,ink,\n", [Style(name="Ink", prompt="ink")]),
        (HEADER + b"Ink,one,\nInk,two,\n", [Style(name="Ink", prompt="two")]),
        (HEADER + b"Short\n", [Style(name="Short")]),
        (
            b"prompt,negative_prompt,name,more\nink,no,Ink,x\n",
            [Style(name="Ink", prompt="ink", negative_prompt="no")],
        ),
        (HEADER, []),
    ],
)
def test_reads_what_a1111_writes(data: bytes, styles: list[Style]) -> None:
    assert list(read_styles(data)) == styles


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "first line must be"),
        (b"title,words\na,b\n", "first line must be"),
        (b"name\nInk\n", "first line must be"),
        (HEADER + "Tusche,über,\n".encode("latin-1"), "UTF-8"),
        (HEADER + b"Ink," + b"x" * (PROMPT_BYTES + 1) + b",\n", "ends in line 2"),
        (HEADER + b"x" * MAX_STYLES_BYTES, "4 MB at most"),
        (HEADER + b"".join(b"s%d,a,\n" % n for n in range(5001)), "5,000 are the most"),
        (HEADER + b'"' + b"a" * 200_000, "can't be read"),
    ],
)
def test_says_what_is_wrong_with_a_file(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_styles(data)


def test_writes_what_it_reads_with_the_bom_that_a1111_writes() -> None:
    styles = (
        Style(name="A, B", prompt='say "hello", {prompt}', negative_prompt="no\nlines"),
        Style(name="Übung", prompt="naïve, 水墨画"),
    )
    data = write_styles(styles)
    assert data.startswith(BOM + b"name,prompt,negative_prompt\r\n")
    assert read_styles(data) == styles


@pytest.mark.parametrize(
    ("style", "prompt", "styled"),
    [
        ("ink drawing", "a dog", "a dog, ink drawing"),
        ("ink drawing", "", "ink drawing"),
        ("", "a dog", "a dog"),
        (" ink ", " a dog ", "a dog, ink"),
        ("film of {prompt}, grain", "a dog", "film of a dog, grain"),
        ("{prompt} and {prompt}", "a dog", "a dog and a dog"),
        ("{prompt}", "  a dog", "  a dog"),
        ("(ink:1.2)", "a {dog}", "a {dog}, (ink:1.2)"),
    ],
)
def test_puts_a_style_around_or_behind_a_prompt(style: str, prompt: str, styled: str) -> None:
    each = Style(name="s", prompt=style, negative_prompt=style)
    assert apply_styles(Prompts(prompt, prompt), [each]) == Prompts(styled, styled)


def test_applies_several_styles_in_their_order() -> None:
    styles = [Style(name="a", prompt="x {prompt}"), Style(name="b", prompt="y, {prompt}")]
    assert apply_styles(Prompts("dog", ""), styles).prompt == "y, x dog"


INK = Style(name="Ink", prompt="ink", negative_prompt="colour")
FILM = Style(name="Film", prompt="film of {prompt}, grain")
BARE = Style(name="Bare")


@pytest.mark.parametrize(
    ("prompts", "names", "left"),
    [
        (Prompts("a dog, ink", "blur, colour"), ("Ink",), Prompts("a dog", "blur")),
        (Prompts("a dog, ink", "blur"), (), Prompts("a dog, ink", "blur")),
        (Prompts("film of a dog, grain", ""), ("Film",), Prompts("a dog", "")),
        (Prompts("film of a dog, ink, grain", "colour"), ("Ink", "Film"), Prompts("a dog", "")),
        (Prompts("film of a dog", ""), (), Prompts("film of a dog", "")),
        (Prompts("ink", "colour"), ("Ink",), Prompts("", "")),
        (Prompts("film of , grain", ""), ("Film",), Prompts("", "")),
        (Prompts("film of, grain", ""), (), Prompts("film of, grain", "")),
    ],
)
def test_finds_the_styles_of_a_prompt(
    prompts: Prompts, names: tuple[str, ...], left: Prompts
) -> None:
    found = extract_styles(prompts, [INK, FILM, BARE])
    assert (found.names, found.prompts) == (names, left)
