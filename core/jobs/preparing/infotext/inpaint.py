"""The mask's settings of an infotext of an inpaint job; its image and mask are not in the text."""

from typing import Final

from core.jobs.preparing.infotext.reading import Reading
from core.texts.jobs import infotext as texts
from formats.generation.inpaint import InpaintArea, InpaintSettings, MaskedContent
from formats.limits import MAX_MASK_BLUR, MAX_MASK_PADDING

_NOT_MASKED: Final = "Inpaint not masked"
_ENTRIES: Final = ("Mask mode", "Mask blur", "Inpaint area", "Masked area padding")
_CONTENT: Final = "Masked content"


def inpaint(reading: Reading) -> None:
    """Set all of them where the text has one; a silent one has A1111's default, a blur of 0."""
    if not reading.has(*_ENTRIES, _CONTENT):
        return
    fresh = InpaintSettings()
    reading.set(texts.MASK_MODE, inpaint__inverted=reading.take("Mask mode") == _NOT_MASKED)
    blur = reading.number("Mask blur", 0, MAX_MASK_BLUR)
    reading.set(texts.MASK_BLUR, inpaint__blur=int(blur or 0))
    _choice(reading, texts.MASKED_CONTENT, _CONTENT, "content", MaskedContent)
    _choice(reading, texts.INPAINT_AREA, "Inpaint area", "area", InpaintArea)
    padding = reading.number("Masked area padding", 0, MAX_MASK_PADDING)
    value = fresh.padding if padding is None else int(padding)
    reading.set(texts.MASK_PADDING, inpaint__padding=value)


def _choice(
    reading: Reading,
    label: str,
    entry: str,
    field: str,
    kind: type[MaskedContent] | type[InpaintArea],
) -> None:
    text = reading.take(entry)
    values = {each.value.lower(): each for each in kind}
    default = getattr(InpaintSettings(), field)
    if text and text.lower() not in values:
        reading.refuse(entry, text, texts.UNKNOWN)
        return
    reading.set(label, **{f"inpaint__{field}": values.get(text.lower(), default)})
