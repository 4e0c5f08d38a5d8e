"""Makes an inpaint draft of one that extends its image: the larger image, the mask, the size."""

from typing import Any

from pydantic import ValidationError

from core.errors import InvalidInput, Problem
from core.images.files import check_image
from core.images.outpaint import Outpainted, OutpaintMargins, outpaint
from core.jobs.preparing.draft import Draft, DraftInpaint
from core.texts import images as texts
from formats.generation.inpaint import InpaintArea, InpaintSettings
from formats.generation.parameters import Mode
from formats.generation.problems import field_problems
from formats.limits import MAX_MASK_BLUR, MAX_SIDE


def outpainted(draft: Draft) -> tuple[Draft, tuple[Problem, ...]]:
    """The draft as requests are made of it, and what is wrong with its extension.

    A whole image is generated at the extended size; with "only masked", what is new and its
    surroundings are, at the size that the draft says.
    """
    if draft.outpaint is None or draft.mode is not Mode.INPAINT or draft.init_image is None:
        return draft, ()
    inpaint = draft.inpaint or DraftInpaint()
    try:
        margins = OutpaintMargins.model_validate(draft.outpaint.model_dump())
        start = check_image(draft.init_image, "init_picture")
        made = outpaint(start.data, margins, _blur(inpaint))
    except ValidationError as error:
        found = [(f"outpaint.{each.path[0]}", each.message) for each in field_problems(error)]
        return _with_mask(draft, draft.init_image), tuple(Problem(*each) for each in found)
    except InvalidInput as error:
        return _with_mask(draft, draft.init_image), (Problem(error.field, str(error)),)
    return _extended(draft, inpaint, made)


def _extended(
    draft: Draft, inpaint: DraftInpaint, made: Outpainted
) -> tuple[Draft, tuple[Problem, ...]]:
    extended = _with_mask(draft, made.mask, init_image=made.image)
    if inpaint.area is InpaintArea.MASKED:
        return extended, ()
    if max(made.size) > MAX_SIDE:
        return extended, (Problem("outpaint", texts.too_large_to_generate(*made.size, MAX_SIDE)),)
    width, height = made.size
    return extended.model_copy(update={"width": width, "height": height}), ()


def _with_mask(draft: Draft, mask: bytes, **changes: Any) -> Draft:
    inpaint = draft.inpaint or DraftInpaint()
    masked = inpaint.model_copy(update={"mask": mask, "inverted": False})
    return draft.model_copy(update={"inpaint": masked, "outpaint": None, **changes})


def _blur(inpaint: DraftInpaint) -> int:
    """The mask blur; the usual one while the field is wrong, which is said there."""
    blur = inpaint.blur
    return blur if blur is not None and 0 <= blur <= MAX_MASK_BLUR else InpaintSettings().blur
