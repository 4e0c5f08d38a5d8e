"""Turns a draft into requests: every field checked, pictures made ready, nothing sent."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from core.errors import InvalidDraft, InvalidInput, Problem
from core.images.files import InputPicture, check_picture, picture_of
from core.jobs.draft import RANDOM_SEED, Draft, DraftInpaint, DraftUnit, DraftUpscale
from formats.frozen import Frozen
from formats.generation.extra_networks import merge_loras
from formats.generation.request import GenerationRequest, Mode
from formats.limits import MAX_CONTROLNET_UNITS, MAX_SEED
from formats.openpose.pose_map import draw, stroke

MAX_CHECKPOINTS: Final = 8
"""Checkpoints of one click: each makes a job of its own."""

DrawSeed = Callable[[], int]
"""Draws a random seed, 0 to 2**32 - 1."""

_SAME_NAME: Final = (
    "mode", "prompt", "negative_prompt", "sampler", "schedule", "steps", "cfg_scale", "width",
    "height", "batch_size", "batch_count", "clip_skip", "denoising_strength", "resize_mode",
    "vae", "loras", "variation_strength", "exact",
)  # fmt: skip
"""Fields that draft and request share."""


class Prepared(Frozen):
    """What one click asks for: a request for each checkpoint, and the pictures they name."""

    requests: tuple[GenerationRequest, ...]
    pictures: tuple[InputPicture, ...]


def draw_seed() -> int:
    """A seed for who asked for none."""
    return secrets.randbelow(MAX_SEED + 1)


def prepare(
    draft: Draft,
    owner: str,
    new_id: Callable[[], str],
    seed: DrawSeed,
    words: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Prepared:
    """Check the whole form. Raises InvalidDraft with a problem for each field at fault.

    `words` are the textual inversions that prompts may name, for each checkpoint.
    """
    problems = list(_form_problems(draft))
    pictures = _Pictures(problems)
    if draft.mode.draws:
        fields = _drawn(draft, pictures, seed)
        names = draft.checkpoints[:MAX_CHECKPOINTS] or ("none",)
        each = [{**fields, "checkpoint": n, "embeddings": tuple(words.get(n, ()))} for n in names]
    else:
        each = [_upscaled(draft, pictures)]
    requests = [_request({**one, "id": new_id(), "owner": owner}, problems) for one in each]
    if problems:
        raise InvalidDraft(tuple(dict.fromkeys(problems)))
    return Prepared(
        requests=tuple(request for request in requests if request),
        pictures=tuple(pictures.found.values()),
    )


def _drawn(draft: Draft, pictures: "_Pictures", draw: DrawSeed) -> dict[str, Any]:
    """The fields of a request that draws, but its checkpoint."""
    fields = {name: getattr(draft, name) for name in _SAME_NAME}
    fields["seed"] = draw() if draft.seed == RANDOM_SEED else draft.seed
    if draft.variation_strength:
        other = draft.variation_seed
        fields["variation_seed"] = draw() if other == RANDOM_SEED else other
    fields["init_image"] = pictures.initial(draft)
    fields["controlnets"] = tuple(
        pictures.unit(draft, unit, index) for index, unit in enumerate(draft.units)
    )
    if draft.mode is Mode.INPAINT:
        fields["inpaint"] = pictures.inpaint(draft.inpaint or DraftInpaint())
    if draft.mode is Mode.TXT2IMG and draft.hires:
        fields["hires"] = draft.hires.model_dump()
    return fields


def _upscaled(draft: Draft, pictures: "_Pictures") -> dict[str, Any]:
    """The fields of a request that only enlarges; the form's others don't count."""
    upscale = draft.upscale or DraftUpscale()
    return {
        "mode": Mode.UPSCALE,
        "seed": 0,
        "init_image": pictures.initial(draft),
        "upscale": upscale.model_dump(),
    }


def _form_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.endpoint:
        yield Problem("endpoint", "Choose an endpoint that is InService, or create one.")
    if not draft.mode.draws:
        return
    if not draft.checkpoints:
        yield Problem("checkpoints", "Choose at least one checkpoint.")
    if len(draft.checkpoints) > MAX_CHECKPOINTS:
        yield Problem("checkpoints", f"At most {MAX_CHECKPOINTS} checkpoints at once.")
    if len(draft.units) > MAX_CONTROLNET_UNITS:
        yield Problem("units", f"At most {MAX_CONTROLNET_UNITS} ControlNet units.")
    try:
        merge_loras(draft.loras, draft.prompt)
    except ValueError as error:
        yield Problem("prompt", str(error))


class _Pictures:
    """Collects the pictures of a draft, each once, and what is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self.found: dict[str, InputPicture] = {}

    def initial(self, draft: Draft) -> str | None:
        if not draft.mode.needs_picture or draft.init_picture is None:
            return None
        return self._check(draft.init_picture, "init_picture")

    def inpaint(self, inpaint: DraftInpaint) -> dict[str, Any]:
        """The inpaint settings with their mask."""
        fields = inpaint.model_dump(exclude={"mask"})
        mask = inpaint.mask and self._check(inpaint.mask, "inpaint.mask")
        if inpaint.mask is None:
            message = "Paint over what shall be drawn anew, or upload a mask."
            self._problems.append(Problem("inpaint.mask", message))
        return {**fields, "mask": mask or "0" * 64}

    def unit(self, draft: Draft, unit: DraftUnit, index: int) -> dict[str, Any]:
        """The unit's fields; its pose is drawn at the request's size."""
        field = f"units.{index}"
        if not unit.model:
            self._problems.append(
                Problem(f"{field}.model", "Choose a ControlNet model, or switch the unit off.")
            )
        fields = unit.model_dump(exclude={"picture", "pose", "model"})
        image, pose, width = self._image(draft, unit, field)
        return {
            **fields, "model": unit.model or "none", "image": image or "0" * 64,
            "pose": pose, "stroke": width,
        }  # fmt: skip

    def _image(
        self, draft: Draft, unit: DraftUnit, field: str
    ) -> tuple[str | None, Any, float | None]:
        if unit.pose is not None and any(person.body for person in unit.pose.people):
            try:
                pose = unit.pose.scaled(draft.width, draft.height)
            except ValidationError:
                return None, None, None  # the size is wrong, and said so at its own field
            return self._keep(picture_of(draw(pose))), pose, stroke(pose.width, pose.height)
        if unit.picture is not None:
            return self._check(unit.picture, f"{field}.picture"), None, None
        self._problems.append(
            Problem(f"{field}.picture", "Upload an OpenPose map or start from a skeleton.")
        )
        return None, None, None

    def _check(self, data: bytes, field: str) -> str | None:
        try:
            return self._keep(check_picture(data, field))
        except InvalidInput as error:
            self._problems.append(Problem(field, str(error)))
            return None

    def _keep(self, picture: InputPicture) -> str:
        self.found[picture.sha256] = picture
        return picture.sha256


def _request(fields: dict[str, Any], problems: list[Problem]) -> GenerationRequest | None:
    try:
        return GenerationRequest.model_validate(fields)
    except ValidationError as error:
        known = {problem.field for problem in problems}
        details = error.errors(include_url=False)
        found = (_problem(each) for each in details)
        problems += [problem for problem in found if problem.field not in known]
        _add_contradictions(
            fields, {str(each["loc"][0]) for each in details if each["loc"]}, problems
        )
        return None


def _add_contradictions(fields: dict[str, Any], wrong: set[str], problems: list[Problem]) -> None:
    """pydantic looks at the whole only where each field is right by itself: ask again with
    defaults for the wrong ones, so that everything is said at once. What a picture or a unit has
    to say about the whole can't be known while it is wrong."""
    if not wrong or wrong & {"controlnets", "init_image"} or not wrong & fields.keys():
        return
    sound = {name: value for name, value in fields.items() if name not in wrong}
    _request({"seed": 0, "checkpoint": "none", **sound}, problems)


_FORM_NAMES: Final = {
    "init_image": "init_picture",
    "controlnets": "units",
    "checkpoint": "checkpoints",
}


_IN_WORDS: Final = {
    "greater_than_equal": "At least {ge}.",
    "greater_than": "More than {gt}.",
    "less_than_equal": "At most {le}.",
    "too_long": "At most {max_length} of them.",
    "string_too_short": "Choose one.",
    "string_too_long": "At most {max_length} characters.",
    "finite_number": "A number, please.",
}
"""pydantic's kinds of errors as a person would say them."""


def _problem(details: Any) -> Problem:
    """Where pydantic found fault, in the form's own words."""
    words = _IN_WORDS.get(details["type"])
    message = words.format(**details["ctx"]) if words and "ctx" in details else _said(details)
    where = [_FORM_NAMES.get(str(part), str(part)) for part in details["loc"]]
    if not where:
        return Problem(_field_of_whole(message), message)
    return Problem(".".join(where), message)


def _said(details: Any) -> str:
    """The message as a sentence of its own."""
    message = str(details["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{message[0].upper()}{message[1:]}."


def _field_of_whole(message: str) -> str:
    """The field that a contradiction between several is best shown at."""
    marks = {"prompt": "prompt", "picture": "init_picture", "Batch": "batch_size", "Hires": "hires"}
    fallback = "schedule" if "schedule" in message else "form"
    return next((field for mark, field in marks.items() if mark in message), fallback)
