"""Dynamic prompts: what is sent of a template, and what it can become, told before the click."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final, NamedTuple, TypeVar

from core.errors import InvalidDraft, Problem
from core.prompts.drafts import PromptDraft
from core.prompts.wildcards.library import WildcardLibrary
from core.team.users import User
from core.texts.jobs import wildcards as texts
from formats.generation.parameters import RANDOM_SEED
from formats.limits import MAX_SEED
from formats.prompts.dynamic.collection import WildcardCollection
from formats.prompts.dynamic.combinations import MOST_COUNTED
from formats.prompts.dynamic.parser import has_syntax
from formats.prompts.dynamic.prompt_pair import PromptError, PromptPair, is_dynamic
from formats.prompts.styles_csv import Prompts

MAX_PROMPTS: Final = 400
"""Of one click: each is a job."""

_PAIRS_KEPT: Final = 16

D = TypeVar("D", bound=PromptDraft)


class Expansion(NamedTuple):
    """One prompt of a template: by its wildcard seed, or by its number among all combinations."""

    prompts: Prompts
    wildcard_seed: int | None = None
    combination: int | None = None


class DynamicPrompts:
    """Templates with the wildcards of the team."""

    def __init__(self, wildcards: WildcardLibrary, random_seed: Callable[[], int]) -> None:
        self._wildcards = wildcards
        self._random_seed = random_seed
        self._lock = Lock()  # a pair remembers where it is while it chooses
        self._pairs: OrderedDict[Prompts, tuple[WildcardCollection, PromptPair]] = OrderedDict()

    def resolve(self, user: User, draft: D) -> D:
        """The draft with what is chosen; its templates and its wildcard seed say how.

        A prompt without anything to choose stays as it is. Raises InvalidDraft at the prompt with
        the place of what is wrong; AwsError.
        """
        templates = Prompts(draft.prompt, draft.negative_prompt)
        if not is_dynamic(templates):
            return draft.model_copy(update={"wildcard_seed": None, "combination": None})
        with self._pair(user, templates) as pair:
            if draft.combination is not None:
                found = Expansion(pair.combination(draft.combination % pair.count))
            else:
                seed = self._seed(draft)
                found = Expansion(pair.sample(seed), seed)
        changes = {
            "prompt": found.prompts.prompt,
            "negative_prompt": found.prompts.negative,
            "template": templates.prompt if has_syntax(templates.prompt) else "",
            "negative_template": templates.negative if has_syntax(templates.negative) else "",
            "wildcard_seed": found.wildcard_seed,
            "combination": None,
        }
        return draft.model_copy(update=changes)

    def count(self, user: User, templates: Prompts) -> int:
        """How many combinations there are, `MOST_COUNTED` for that many and more. Raises
        InvalidDraft, AwsError."""
        with self._pair(user, templates) as pair:
            return pair.count

    def expansions(
        self, user: User, draft: PromptDraft, *, every: bool, count: int
    ) -> tuple[Expansion, ...]:
        """The first `count` combinations, or as many choices, whose wildcard seeds follow on each
        other. Raises InvalidDraft, AwsError."""
        if not 1 <= count <= MAX_PROMPTS:
            message = texts.too_many_prompts(count, MAX_PROMPTS)
            raise InvalidDraft((Problem("prompt_count", message),))
        templates = Prompts(draft.prompt, draft.negative_prompt)
        with self._pair(user, templates) as pair:
            if every:
                numbers = range(min(count, pair.count))
                return tuple(Expansion(pair.combination(n), None, n) for n in numbers)
            first = self._seed(draft)
            seeds = [(first + n) % (MAX_SEED + 1) for n in range(count)]
            return tuple(Expansion(pair.sample(seed), seed) for seed in seeds)

    def _seed(self, draft: PromptDraft) -> int:
        seed = draft.wildcard_seed
        return self._random_seed() if seed in {None, RANDOM_SEED} else int(seed or 0)

    @contextmanager
    def _pair(self, user: User, templates: Prompts) -> Iterator[PromptPair]:
        wildcards = self._wildcards.collection(user)
        try:
            with self._lock:
                known = self._pairs.get(templates)
                if known is None or known[0] is not wildcards:
                    known = (wildcards, PromptPair(templates, wildcards))
                    self._pairs[templates] = known
                    while len(self._pairs) > _PAIRS_KEPT:
                        self._pairs.popitem(last=False)
                yield known[1]
        except PromptError as error:
            raise InvalidDraft((Problem(error.field, str(error)),)) from error


def is_counted(count: int) -> bool:
    """Whether a count is exact."""
    return count < MOST_COUNTED
