"""What a form's prompt becomes before it is sent, and back."""

from collections.abc import Callable
from typing import TypeVar

from core.prompts.drafts import PromptDraft
from core.prompts.dynamic import DynamicPrompts, Expansion
from core.prompts.items import TRASH_DAYS
from core.prompts.presets.library import FormPreset, PresetLibrary
from core.prompts.styles.importing import (
    ImportPlan,
    ImportResult,
    ImportState,
    OnChanged,
    StyleFile,
    StyleImport,
)
from core.prompts.styles.library import JobsOfStyles, StyleLibrary
from core.prompts.styles.records import TeamStyle
from core.prompts.team_items import ItemParts
from core.prompts.wildcards.library import WildcardLibrary
from core.prompts.wildcards.reading import WildcardFormat
from core.prompts.wildcards.records import WildcardFile
from core.team.users import User
from formats.prompts.styles_csv import Extracted, apply_styles, extract_styles
from formats.prompts.styles_csv import Prompts as PromptPair

__all__ = [
    "TRASH_DAYS",
    "DynamicPrompts",
    "Expansion",
    "FormPreset",
    "ImportPlan",
    "ImportResult",
    "ImportState",
    "ItemParts",
    "JobsOfStyles",
    "OnChanged",
    "PresetLibrary",
    "PromptDraft",
    "PromptPair",
    "Prompts",
    "StyleFile",
    "StyleLibrary",
    "TeamStyle",
    "WildcardFile",
    "WildcardFormat",
    "WildcardLibrary",
]

D = TypeVar("D", bound=PromptDraft)


class Prompts:
    """Styles in their order, then what a dynamic prompt chooses; the text that comes of it is what
    the request says."""

    def __init__(
        self,
        styles: StyleLibrary,
        presets: PresetLibrary,
        wildcards: WildcardLibrary,
        random_seed: Callable[[], int],
    ) -> None:
        self.styles = styles
        self.presets = presets
        self.style_import = StyleImport(styles)
        self.wildcards = wildcards
        self.dynamic = DynamicPrompts(wildcards, random_seed)

    def prepare(self, user: User, draft: D) -> D:
        """The draft with its styles applied to both prompts, and then with what these choose. Its
        names of styles stay, so that the request tells them: what comes of this must not be
        prepared again.

        Raises InvalidDraft for a style that is gone and for a prompt that can't be expanded,
        AwsError.
        """
        if not draft.mode.uses_checkpoint:
            return draft.model_copy(update={"styles": (), "wildcard_seed": None})
        return self.dynamic.resolve(user, self.styled(user, draft))

    def styled(self, user: User, draft: D) -> D:
        """The draft with its styles applied, which is its template. Raises as `apply`."""
        if not draft.styles:
            return draft
        styled = self.apply(user, PromptPair(draft.prompt, draft.negative_prompt), draft.styles)
        changes = {"prompt": styled.prompt, "negative_prompt": styled.negative}
        return draft.model_copy(update=changes)

    def expansions(
        self, user: User, draft: PromptDraft, *, every: bool, count: int
    ) -> tuple[Expansion, ...]:
        """What a draft's prompts become, with its styles; see `DynamicPrompts.expansions`."""
        return self.dynamic.expansions(user, self.styled(user, draft), every=every, count=count)

    def combinations(self, user: User, draft: PromptDraft) -> int:
        """How many combinations its prompts have. Raises InvalidDraft, AwsError."""
        styled = self.styled(user, draft)
        return self.dynamic.count(user, PromptPair(styled.prompt, styled.negative_prompt))

    def apply(self, user: User, prompts: PromptPair, names: tuple[str, ...]) -> PromptPair:
        """Both prompts with these styles. Raises InvalidDraft for one that is gone, AwsError."""
        if not names:
            return prompts
        return apply_styles(prompts, [each.style for each in self.styles.named(user, names)])

    def extract(self, user: User, prompt: str, negative_prompt: str) -> Extracted:
        """The styles that both prompts were made with, and what is left without them.

        As A1111 does with a pasted infotext ("Apply if any"): only where the styles of today put
        the very same text together again. Raises AwsError.
        """
        asked = PromptPair(prompt, negative_prompt)
        styles = {each.name: each.style for each in reversed(self.styles.list(user))}
        found = extract_styles(asked, tuple(reversed(styles.values())))
        again = apply_styles(found.prompts, [styles[name] for name in found.names])
        return found if again == asked else Extracted((), asked)
