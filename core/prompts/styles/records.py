"""A style of the team, as it is kept."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from core.errors import InvalidInput
from core.prompts.items import PromptItem
from core.records.interface import RecordKind
from core.team.permissions import Kind
from core.texts.jobs import styles as texts
from formats.limits import PROMPT_BYTES
from formats.prompts.styles_csv import Style

StyleText = Annotated[str, Field(max_length=PROMPT_BYTES)]


class TeamStyle(PromptItem):
    """Words that are put around a prompt, or behind it."""

    kind: ClassVar[Kind] = Kind.STYLE

    prompt: StyleText = ""
    negative_prompt: StyleText = ""
    preview: str = ""
    """The SHA-256 of its preview's bytes; empty where it has none."""

    @property
    def style(self) -> Style:
        """What is applied."""
        return Style(name=self.name, prompt=self.prompt, negative_prompt=self.negative_prompt)


STYLES: Final = RecordKind("style", TeamStyle)
"""All are kept under one owner; whose a style is, it says itself."""


def clean_text(text: str, field: str) -> str:
    """A style's prompt or negative prompt. Raises InvalidInput for one that is too long."""
    if len(text.encode()) > PROMPT_BYTES:
        raise InvalidInput(texts.text_too_long(PROMPT_BYTES), field)
    return text.strip()


def check_texts(prompt: str, negative_prompt: str) -> dict[str, str]:
    """Both texts. Raises InvalidInput for ones that are too long, or where both are empty."""
    found = {
        "prompt": clean_text(prompt, "prompt"),
        "negative_prompt": clean_text(negative_prompt, "negative_prompt"),
    }
    if not any(found.values()):
        raise InvalidInput(texts.NOTHING_IN_STYLE, "prompt")
    return found
