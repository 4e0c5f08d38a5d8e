"""The fields of a draft that the prompt is made of."""

from formats.generation.parameters import Mode, UncheckedParameters


class PromptDraft(UncheckedParameters):
    """What a form says of its prompt; `Prompts.prepare` makes of it what is sent."""

    mode: Mode = Mode.TXT2IMG
    styles: tuple[str, ...] = ()
    """Names of the team's styles, in the order that they are applied in."""
