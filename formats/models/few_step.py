"""Recognises checkpoints and LoRAs that were distilled to draw in a few steps.

A tensor tells it surely, metadata as its writer meant it, a name at last; who told is kept. A
word such as `lightning` may also be what a LoRA shows, so that a LoRA's name must say more.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header
from formats.models.unsupported import GUIDANCE_TENSORS


class FewStepKind(StrEnum):
    """The distillation; the value is the word a user reads."""

    LCM = "LCM"
    LIGHTNING = "Lightning"
    TURBO = "Turbo"
    HYPER = "Hyper"
    DMD2 = "DMD2"


class FewStepSource(StrEnum):
    """What told that a file is one; the value is the word a user reads."""

    TENSORS = "by its tensors"
    METADATA = "by its metadata"
    NAME = "by its name"


class FewStep(Frozen):
    """A file that draws in a few steps."""

    kind: FewStepKind
    source: FewStepSource
    steps: int | None = None
    """For how many it was distilled, where its name or metadata says so."""
    keeps_cfg: bool = False
    """Whether it was distilled to keep its CFG scale, and a negative prompt with it (Hyper)."""


_NAMING_KEYS: Final = (
    "modelspec.architecture",
    "modelspec.title",
    "modelspec.tags",
    "ss_output_name",
)
"""Metadata that names the file itself; `ss_sd_model_name` is another's, a LoRA's base."""
_USAGE_KEYS: Final = ("modelspec.usage_hint", "modelspec.description", "ss_training_comment")
"""Metadata in whole sentences, which may speak of other files: it must name steps besides."""

_START: Final = r"(?:(?<![a-z])|(?<=[a-z0-9])(?=[A-Z]))"
"""Where a word begins: behind what is no letter, or at a capital inside a name."""
_END: Final = r"(?![a-z])"
_WORDS: Final = (
    (FewStepKind.DMD2, rf"{_START}(?:dmd2|DMD2|Dmd2)(?!\d)"),
    (FewStepKind.LCM, rf"{_START}(?:lcm|Lcm){_END}|LCM"),
    (
        FewStepKind.HYPER,
        rf"{_START}[hH]yper[-_ ]?(?:sd|SD)|"
        rf"{_START}(?:hyper|Hyper|HYPER)(?=$|[-_ ]?(?:\d|v\d|lora|vae|baked|bf16|fp16))",
    ),
    (FewStepKind.LIGHTNING, rf"{_START}(?:lightning|Lightning){_END}|LIGHTNING"),
    (FewStepKind.TURBO, rf"{_START}(?:turbo|Turbo){_END}|TURBO|{_START}[tT]urbo(?:vision|XL)"),
)
"""A1111's users call their files so: `dreamshaperXL_lightningDPMSDE`, `sd_xl_turbo_1.0`."""
_PATTERNS: Final = tuple((kind, re.compile(pattern)) for kind, pattern in _WORDS)
_FAMILIES: Final = {
    FewStepKind.LIGHTNING: (Family.SDXL,),
    FewStepKind.TURBO: (Family.SDXL, Family.SD2),
    FewStepKind.DMD2: (Family.SDXL,),
}
"""For which each was published; the others are for SD 1 too."""
_OF_A_LORA: Final = re.compile(
    r"(?:sd[-_ ]?)?xl[-_ ]?(?:lightning|turbo)|hyper[-_ ]?sd|lcm|dmd2", re.IGNORECASE
)
"""What a LoRA's name must say, unless it says the steps."""
_STEPS: Final = re.compile(r"(?<!\d)(\d{1,2})[-_ ]?steps?(?![a-z])", re.IGNORECASE)
_KEEPS_CFG: Final = re.compile(r"steps?[-_ ]?cfg", re.IGNORECASE)
_MOST_STEPS: Final = 16
_LONGEST: Final = 4_000
"""Characters of a name or an entry that are read."""


def find_few_step(
    header: Header, kind: ModelKind | None, family: Family, names: Sequence[str] = ()
) -> FewStep | None:
    """What a file is, or None; `names` are the file's and the one that its site has for it."""
    if kind not in (ModelKind.CHECKPOINT, ModelKind.LORA):
        return None
    named = [header.metadata[key] for key in _NAMING_KEYS if key in header.metadata]
    usage = [header.metadata[key] for key in _USAGE_KEYS if key in header.metadata]
    hints = [text for text in usage if _steps((text,)) is not None]
    names = [name.removesuffix(".safetensors") for name in names]
    if any(name.endswith(GUIDANCE_TENSORS) for name in header.tensors):
        found = FewStepKind.LCM
        return _few_step(found, FewStepSource.TENSORS, (*named, *names))
    for source, texts in (
        (FewStepSource.METADATA, (*named, *hints)),
        (FewStepSource.NAME, tuple(names)),
    ):
        if said := _kind_of(texts, kind, family):
            return _few_step(said, source, (*texts, *names))
    return None


def _kind_of(texts: Iterable[str], kind: ModelKind, family: Family) -> FewStepKind | None:
    for text in (text[:_LONGEST] for text in texts):
        is_clear = kind is ModelKind.CHECKPOINT or _steps((text,)) or _OF_A_LORA.search(text)
        for found, pattern in _PATTERNS:
            made_for = (*_FAMILIES.get(found, tuple(Family)), Family.UNKNOWN)
            if is_clear and family in made_for and pattern.search(text):
                return found
    return None


def _few_step(kind: FewStepKind, source: FewStepSource, texts: Sequence[str]) -> FewStep:
    keeps_cfg = kind is FewStepKind.HYPER and any(map(_KEEPS_CFG.search, texts))
    return FewStep(kind=kind, source=source, steps=_steps(texts), keeps_cfg=keeps_cfg)


def _steps(texts: Sequence[str]) -> int | None:
    """The first count of steps, such as in `sdxl_lightning_4step_lora`, that few can be."""
    counts = (int(found[1]) for text in texts for found in _STEPS.finditer(text[:_LONGEST]))
    return next((count for count in counts if 1 <= count <= _MOST_STEPS), None)
