"""The fields of a draft that the prompt is made of."""

from formats.generation.parameters import RANDOM_SEED, Mode, UncheckedParameters


class PromptDraft(UncheckedParameters):
    """What a form says of its prompt; `Prompts.prepare` makes of it what is sent."""

    mode: Mode = Mode.TXT2IMG
    styles: tuple[str, ...] = ()
    """Names of the team's styles, in the order that they are applied in."""
    wildcard_seed: int | None = RANDOM_SEED
    """What the choices of a dynamic prompt come of; -1 for another one each time."""
    combination: int | None = None
    """Which of all its combinations is sent, in place of what a seed chooses."""
    template: str = ""
    negative_template: str = ""
    """The dynamic prompts that the prompts came of, once they were prepared."""
