"""Every prompt that a request may have is parsed, whatever it is made of."""

from typing import Final

from hypothesis import strategies as st

from formats.prompt_bounds import check_and, check_syntax, is_weight, split_and
from sagemaker_container.engine.prompt.chunks import Chunker
from sagemaker_container.engine.prompt.schedule import prompt_schedule
from sagemaker_container.engine.prompt.syntax import parse_emphasis
from sagemaker_container.engine.prompt.tokenizer import CHUNK_TOKENS, clip_tokenizer
from tests.support.fuzzing import examples, try_all

STEPS: Final = 12
PARTS: Final = st.sampled_from(
    [
        *"()[]:|\\,",
        "a",
        " AND ",
        " BREAK ",
        ":0.5]",
        ":3]",
        ":1.2)",
        ":-1.",
        "1e9",
        "[a:",
        "[a|",
        ":99)",
        ":1e309)",
    ]
)
PROMPTS: Final = st.lists(PARTS | st.text(max_size=3), max_size=40).map("".join)
NESTED: Final = st.recursive(
    PROMPTS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("[{0[0]}:{0[1]}:0.5]".format),
        st.tuples(inner, inner).map("[{0[0]}|{0[1]}]".format),
        inner.map("({}:1.3)".format),
        inner.map("[{}]".format),
    ),
)


def is_allowed(prompt: str) -> bool:
    try:
        check_and(check_syntax(prompt))
    except ValueError:
        return False
    return True


def parse(prompt: str) -> None:
    for part, weight in split_and(prompt):
        assert is_weight(weight)
        for first_pass_steps in (None, STEPS):
            schedule = prompt_schedule(part, STEPS, first_pass_steps)
            ends = [end for end, _ in schedule]
            assert ends == sorted({*ends})
            assert ends[-1] == STEPS
            for _, text in schedule:
                check_weights(text, is_changed=part != text)


def check_weights(text: str, *, is_changed: bool) -> None:
    """Changes can put a larger number together, which the encoder refuses."""
    weights = [word.weight for section in parse_emphasis(text) for word in section]
    assert all(is_changed or is_weight(weight) for weight in weights)


@examples
def test_prompts(rounds: int) -> None:
    try_all(NESTED.filter(is_allowed), parse, rounds)


@examples
def test_chunks(rounds: int) -> None:
    chunker = Chunker(clip_tokenizer())

    def chunk(prompt: str) -> None:
        chunks = chunker.chunks(prompt)
        assert chunks
        assert all(len(each) <= CHUNK_TOKENS for each in chunks)

    try_all(PROMPTS, chunk, rounds)
