"""The team's policy: which checkpoints a role may use, which words no prompt may have, who sees new
jobs, and whether a job may be shown to the world."""

import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from core.errors import Conflict, InvalidDraft, InvalidInput, Problem
from core.ids import Clock
from core.records.cached_record import CachedRecord
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.team.access import Access
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.users import Role, User
from core.texts import team as texts
from formats.frozen import Tolerant
from formats.generation.request import GenerationRequest
from formats.limits import MAX_NAME

log = logging.getLogger(__name__)

MAX_PATTERNS: Final = 100
MAX_BLOCKED_WORDS: Final = 500
MAX_BLOCKED_WORD: Final = 64
"""Longest blocked word in characters."""

_OWNER: Final = "team"
_ID: Final = "policy"
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]
BlockedWord = Annotated[str, StringConstraints(min_length=1, max_length=MAX_BLOCKED_WORD)]


class TeamPolicy(Tolerant):
    """What an admin has set for everybody; as it is here where nobody set anything."""

    job_visibility: Visibility = Visibility.PRIVATE
    """Of new jobs."""
    public_links: bool = False
    """Whether who owns a job may make links that show it to anybody who has them."""
    checkpoints: dict[Role, Annotated[tuple[Pattern, ...], Field(max_length=MAX_PATTERNS)]] = Field(
        default_factory=dict
    )
    """File names that a role may use, `*` for any characters; a role without any may use all."""
    blocked_words: tuple[BlockedWord, ...] = Field(default=(), max_length=MAX_BLOCKED_WORDS)

    def may_use(self, role: Role, checkpoint: str) -> bool:
        """Whether somebody with this role may use a checkpoint."""
        patterns = self.checkpoints.get(role, ())
        return not patterns or any(_file_pattern(each).fullmatch(checkpoint) for each in patterns)

    def blocked_word(self, text: str) -> str:
        """The first blocked word of a text, as the admin wrote it; empty where there is none.

        Words are whole ones in any case: `cat` is not in `concatenate`, but in `Cat_ears`.
        """
        found = (word for word in self.blocked_words if _word_pattern(word).search(_plain(text)))
        return next(found, "")


POLICIES: Final = RecordKind("team-policy", TeamPolicy)
"""One for the team."""


class Policies:
    """The policy that holds now, and the check of requests against it."""

    def __init__(self, records: RecordStore, access: Access, clock: Clock) -> None:
        self._records = records
        self._access = access
        self._cached = CachedRecord(records, POLICIES, _OWNER, _ID, clock)

    def of(self) -> TeamPolicy:
        """The policy, asked for once in ten seconds; while AWS is silent the last one known.

        Raises AwsError where none is known.
        """
        return self._cached.get() or TeamPolicy()

    def allows_public_links(self) -> bool:
        """Whether it allows them at this moment, asked for each time. Raises AwsError."""
        found = self._records.get(POLICIES, _OWNER, _ID)
        return found is not None and found.value.public_links

    def change(self, user: User, before: TeamPolicy, after: TeamPolicy) -> None:
        """Put `after` in the place of `before`, which the user has seen.

        Raises NotAllowed, AwsError, and Conflict where somebody else changed it meanwhile.
        """
        with self._access.acting(user, Action.CHANGE, Item(kind=Kind.TEAM), _ID):
            self._store(before, after)
        self._cached.remember(after)
        log.info("event=policy_changed by=%s", user.name)

    def check(self, user: User, requests: Sequence[GenerationRequest]) -> None:
        """Raise InvalidDraft with everything in the requests that the policy refuses this user."""
        policy = self.of()
        problems = dict.fromkeys(
            problem for request in requests for problem in _problems(policy, user.role, request)
        )
        if problems:
            raise InvalidDraft(tuple(problems))

    def _store(self, before: TeamPolicy, after: TeamPolicy) -> None:
        def change(kept: TeamPolicy | None) -> TeamPolicy:
            if (kept or TeamPolicy()) not in (before, after):
                raise Conflict(texts.POLICY_HAS_CHANGED)
            return after

        try:
            edit(self._records, POLICIES, _OWNER, _ID, change)
        except Conflict:
            self._cached.forget()
            raise


def clean_patterns(lines: Iterable[str]) -> tuple[str, ...]:
    """File name patterns, each once, without those that are empty. Raises InvalidInput."""
    patterns = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if len(patterns) > MAX_PATTERNS or any(len(each) > MAX_NAME for each in patterns):
        raise InvalidInput(texts.pattern_range(MAX_PATTERNS, MAX_NAME), "checkpoints")
    return patterns


def clean_words(lines: Iterable[str]) -> tuple[str, ...]:
    """Blocked words in lower case, each once, in the order of the alphabet. Raises InvalidInput."""
    words = sorted({" ".join(line.lower().split()) for line in lines} - {""})
    if len(words) > MAX_BLOCKED_WORDS or any(len(word) > MAX_BLOCKED_WORD for word in words):
        raise InvalidInput(texts.word_range(MAX_BLOCKED_WORDS, MAX_BLOCKED_WORD), "blocked_words")
    return tuple(words)


def _problems(policy: TeamPolicy, role: Role, request: GenerationRequest) -> Iterator[Problem]:
    for field in ("prompt", "negative_prompt"):
        if word := policy.blocked_word(getattr(request, field)):
            yield Problem(field, texts.word_is_blocked(word))
    if request.checkpoint and not policy.may_use(role, request.checkpoint):
        yield Problem("checkpoints", texts.checkpoint_not_for_role(request.checkpoint, role))


@lru_cache
def _file_pattern(pattern: str) -> re.Pattern[str]:
    """`*` is any characters; brackets, which checkpoints' names have, are themselves."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE)


@lru_cache(maxsize=MAX_BLOCKED_WORDS)
def _word_pattern(word: str) -> re.Pattern[str]:
    """A word, or several in a row, with no letter or digit at either end."""
    parts = r"[\s_]+".join(re.escape(part) for part in _plain(word).split())
    return re.compile(rf"(?<![^\W_]){parts}(?![^\W_])")


def _plain(text: str) -> str:
    """One spelling for letters that look the same: full-width ones, ligatures, capitals.

    NFKC and case folding as in https://www.unicode.org/reports/tr15/ and
    https://www.unicode.org/versions/latest/core-spec/chapter-3/#G33992.
    """
    return unicodedata.normalize("NFKC", text).casefold()
