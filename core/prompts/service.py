"""What a form's prompt becomes before it is sent, and back."""

from typing import TypeVar

from core.prompts.drafts import PromptDraft
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
from core.team.users import User
from formats.prompts.styles_csv import Extracted, apply_styles, extract_styles
from formats.prompts.styles_csv import Prompts as PromptPair

__all__ = [
    "TRASH_DAYS",
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
]

D = TypeVar("D", bound=PromptDraft)


class Prompts:
    """Styles in their order; the text that comes of it is what the request says."""

    def __init__(self, styles: StyleLibrary, presets: PresetLibrary) -> None:
        self.styles = styles
        self.presets = presets
        self.style_import = StyleImport(styles)

    def prepare(self, user: User, draft: D) -> D:
        """The draft with its styles applied to both prompts. Its names of styles stay, so that
        the request tells them: what comes of this must not be prepared again.

        Raises InvalidDraft for a style that is gone, AwsError.
        """
        if not draft.mode.uses_checkpoint:
            return draft.model_copy(update={"styles": ()})
        if not draft.styles:
            return draft
        styled = self.apply(user, PromptPair(draft.prompt, draft.negative_prompt), draft.styles)
        changes = {"prompt": styled.prompt, "negative_prompt": styled.negative}
        return draft.model_copy(update=changes)

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
