"""Prompts and how many tokens they take: the container and the prompt box agree on each.

The count is A1111's: whole chunks of 75 count in full but the last, of the longest text that the
prompt has at any of 20 steps. The numbers are those of CLIP's own tokenizer.
"""

from typing import Final

STEPS: Final = 20

_LONG: Final = ", ".join(f"word{number} and a red bird" for number in range(14))

COUNTS: Final[dict[str, int]] = {
    "": 0,
    "a cute dog": 3,
    "A CUTE DOG": 3,
    "a cute  dog\n\nin   the rain": 6,
    "a (red:1.2) dog": 3,
    "((masterpiece)), [blurry]": 3,
    "(a:1.2), (b:0.5)": 3,
    "a \\(b\\) c": 5,
    "(never closed": 2,
    "closed) alone]": 4,
    "one BREAK two": 76,
    "BREAK": 0,
    "a BREAK": 1,
    "BREAK a": 76,
    "a BREAKfast": 2,
    "a AND b": 1,
    "a dog :1.5 AND a cat :0.7": 2,
    "at 12:30": 6,
    "[a red dog:a cat:0.5]": 3,
    "[a|b c d e f|g]": 5,
    "[:late words here:10]": 3,
    "[a:b": 3,
    "[a:b:0.5] | c": 9,
    "<lora:style:0.8>": 0,
    "a dog <lora:style:0.8>, soft light": 5,
    "a <lora:a:1> (b:1.3) <lyco:c:1>": 2,
    "naïve café façade": 7,
    "cafe\u0301 nai\u0308ve": 4,
    "日本語の文章": 10,
    "привет мир": 11,
    "Ελλάς ΣΟΦΟΣ": 20,
    "🐶": 1,
    "a 🐶🐱 in \U0001f469\u200d\U0001f469\u200d\U0001f467 style 🇩🇪": 10,
    "İstanbul": 3,
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab": 8,
    "don't you're it'll I'd we've": 10,
    "1girl, 2boys, 1234567": 13,
    "---- !!! ??? ...": 4,
    ",,,,": 1,
    "<|endoftext|> x": 2,
    "photo_of_a-person v1.5": 11,
    _LONG: 106,
    f"{_LONG}, {_LONG}": 209,
    _LONG.replace(",", ""): 88,
    "x " * 74: 74,
    "x " * 75: 75,
    "x " * 76: 76,
    "y, " * 37 + "z z z z": 79,
    f"[{_LONG}:short:0.3]": 106,
    f"a BREAK {_LONG} BREAK b": 226,
    "supercalifragilisticexpialidocious": 9,
    "(a:-1.2) (b:+.5) (c:1e3)": 7,
    "{a|b}": 5,
    "__animal__ in a field": 6,
    "ſtraße ﬁne ẞ": 12,
    "\u200bzero\u200bwidth": 4,
    "¼ ½ ² Ⅷ": 7,
    "a\tb\xa0c": 3,
    "(((a)))[[b]]": 2,
    "#comment\nnext": 3,
}
