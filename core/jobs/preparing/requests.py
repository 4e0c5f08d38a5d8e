"""Turns a draft into requests: every field checked, images made ready, nothing sent."""

import secrets
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from core.endpoints.service import SendLimit
from core.errors import InvalidDraft, InvalidInput, Problem
from core.images.files import InputImage, check_image, check_mask, encode_image
from core.jobs.preparing.draft import Draft, DraftInpaint, DraftUnit
from core.jobs.preparing.outpainting import outpainted
from core.texts.jobs import jobs as texts
from formats.frozen import Frozen
from formats.generation.controlnet_unit import UnitSettings
from formats.generation.extra_networks import merge_loras
from formats.generation.inpaint import InpaintSettings
from formats.generation.parameters import RANDOM_SEED, Mode, parameter_values
from formats.generation.problems import field_problems
from formats.generation.request import GenerationRequest
from formats.generation.upscaling import UncheckedUpscale
from formats.limits import MAX_CONTROLNET_UNITS, MAX_SEED
from formats.openpose.pose_map import draw, limb_radius

MAX_CHECKPOINTS: Final = 8
"""Checkpoints of one click: each makes a job of its own."""

_OF_PROMPTS: Final = ("styles", "template", "negative_template", "wildcard_seed")
"""What a request tells of how its prompts were made."""

CheckImage = Callable[[bytes, str], InputImage]

EncodedImages = dict[Hashable, InputImage]
"""Images that were checked or drawn already, by what they were made of."""

RandomSeed = Callable[[], int]
"""Chooses a seed, 0 to 2**32 - 1."""

_MISSING: Final = "none"
"""Stands for a file that wasn't chosen, so that everything else is checked too."""
_MISSING_IMAGE: Final = "0" * 64


class Prepared(Frozen):
    """What one click asks for: a request for each checkpoint, and the images they name."""

    requests: tuple[GenerationRequest, ...]
    images: tuple[InputImage, ...]
    instance_type: str = ""
    """What the endpoint runs on."""
    send_limit: SendLimit = SendLimit(jobs=1)
    """How many jobs the endpoint is handed at once."""
    endpoint: str = ""
    """What it is sent to."""
    routed_because: str = ""
    """Why, where any would do."""


def random_seed() -> int:
    """A seed for who asked for none."""
    return secrets.randbelow(MAX_SEED + 1)


def prepare(
    draft: Draft,
    owner: str,
    new_id: Callable[[], str],
    seed: RandomSeed,
    embeddings: Mapping[str, Sequence[str]] = MappingProxyType({}),
    encoded: EncodedImages | None = None,
) -> Prepared:
    """Check the whole form. Raises InvalidDraft with a problem for each field at fault.

    `embeddings` are the textual inversions that the prompts name, for each checkpoint; `encoded`
    spares work where many drafts have the same images.
    """
    draft, found = outpainted(draft)
    problems = [*found, *_form_problems(draft)]
    images = _Images(problems, {} if encoded is None else encoded)
    shared = {**_parameters(draft, seed), "owner": owner, "init_image": images.initial(draft)}
    if draft.mode.uses_checkpoint:
        shared |= _parts(draft, images)
        names = draft.checkpoints[:MAX_CHECKPOINTS] or (_MISSING,)
        each: list[dict[str, Any]] = [
            {"checkpoint": n, "embeddings": tuple(embeddings.get(n, ()))} for n in names
        ]
    else:
        each = [{"upscale": (draft.upscale or UncheckedUpscale()).model_dump()}]
    requests = [_request({**shared, **one, "id": new_id()}, problems) for one in each]
    if problems:
        raise InvalidDraft(tuple(dict.fromkeys(problems)))
    return Prepared(
        requests=tuple(request for request in requests if request),
        images=tuple(images.found.values()),
    )


def _parameters(draft: Draft, seed: RandomSeed) -> dict[str, Any]:
    """The parameters that count in the draft's mode; seeds are resolved."""
    values = parameter_values(draft, draft.mode)
    if values.setdefault("seed", 0) in {None, RANDOM_SEED}:
        values["seed"] = seed()
    if not values.get("variation_strength"):
        values.pop("variation_seed", None)
    elif values["variation_seed"] in {None, RANDOM_SEED}:
        values["variation_seed"] = seed()
    told = {name: getattr(draft, name) for name in _OF_PROMPTS}
    if told["wildcard_seed"] == RANDOM_SEED:
        told["wildcard_seed"] = None  # nothing was chosen with it
    return {"mode": draft.mode, **told, **values}


def _parts(draft: Draft, images: "_Images") -> dict[str, Any]:
    """What a job has beside its parameters, where a checkpoint denoises."""
    parts: dict[str, Any] = {
        "vae": draft.vae,
        "loras": draft.loras,
        "controlnets": tuple(
            images.unit(draft, unit, index) for index, unit in enumerate(draft.units)
        ),
    }
    if draft.mode is Mode.INPAINT:
        parts["inpaint"] = images.inpaint(draft.inpaint or DraftInpaint())
    if draft.mode is Mode.TXT2IMG and draft.hires:
        parts["hires"] = draft.hires.model_dump()
    return parts


def _form_problems(draft: Draft) -> Iterator[Problem]:
    if not draft.endpoint:
        yield Problem("endpoint", texts.NO_ENDPOINT)
    if not draft.mode.uses_checkpoint:
        return
    if not draft.checkpoints:
        yield Problem("checkpoints", texts.NO_CHECKPOINT)
    if len(draft.checkpoints) > MAX_CHECKPOINTS:
        yield Problem("checkpoints", texts.too_many_checkpoints(MAX_CHECKPOINTS))
    if len(draft.units) > MAX_CONTROLNET_UNITS:
        yield Problem("units", texts.too_many_units(MAX_CONTROLNET_UNITS))
    try:
        merge_loras(draft.loras, draft.prompt)
    except ValueError as error:
        yield Problem("prompt", str(error))


class _Images:
    """Collects the images of a draft, each once, and what is wrong with them."""

    def __init__(self, problems: list[Problem], encoded: EncodedImages) -> None:
        self._problems = problems
        self._encoded = encoded
        self.found: dict[str, InputImage] = {}

    def initial(self, draft: Draft) -> str | None:
        if not draft.mode.needs_image or draft.init_image is None:
            return None
        return self._check(draft.init_image, "init_picture")

    def inpaint(self, inpaint: DraftInpaint) -> dict[str, Any]:
        """The inpaint settings with their mask."""
        mask = inpaint.mask and self._check(inpaint.mask, "inpaint.mask", check_mask)
        if inpaint.mask is None:
            self._problems.append(Problem("inpaint.mask", texts.NO_MASK))
        return {**_settings(inpaint, InpaintSettings), "mask": mask or _MISSING_IMAGE}

    def unit(self, draft: Draft, unit: DraftUnit, index: int) -> dict[str, Any]:
        """The unit's fields; the map of its pose has the request's size."""
        field = f"units.{index}"
        if not unit.model:
            self._problems.append(Problem(f"{field}.model", texts.NO_CONTROLNET_MODEL))
        settings = _settings(unit, UnitSettings)
        return {**settings, "model": unit.model or _MISSING, **self._control(draft, unit, field)}

    def _control(self, draft: Draft, unit: DraftUnit, field: str) -> dict[str, Any]:
        """The unit's image; with a pose, the pose and the stroke its map is drawn with."""
        if unit.pose is not None and any(person.body for person in unit.pose.people):
            try:
                pose = unit.pose.scaled(draft.width, draft.height)
            except ValidationError:  # the size is wrong, and said so at its own field
                return {"image": _MISSING_IMAGE}
            image = self._keep(pose, lambda: encode_image(draw(pose)))
            return {"image": image, "pose": pose, "stroke": limb_radius(pose.width, pose.height)}
        if unit.image is not None:
            return {"image": self._check(unit.image, f"{field}.image") or _MISSING_IMAGE}
        self._problems.append(Problem(f"{field}.image", texts.NO_CONTROL_IMAGE))
        return {"image": _MISSING_IMAGE}

    def _check(self, data: bytes, field: str, check: CheckImage = check_image) -> str | None:
        try:
            return self._keep((check, data), lambda: check(data, field))
        except InvalidInput as error:
            self._problems.append(Problem(field, str(error)))
            return None

    def _keep(self, source: Hashable, make: Callable[[], InputImage]) -> str:
        image = self._encoded.get(source) or self._encoded.setdefault(source, make())
        self.found[image.sha256] = image
        return image.sha256


def _settings(source: object, declared: type[Frozen]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in declared.model_fields}


def _request(fields: dict[str, Any], problems: list[Problem]) -> GenerationRequest | None:
    try:
        return GenerationRequest.model_validate(fields)
    except ValidationError as error:
        known = {problem.field for problem in problems}
        found = field_problems(error)
        named = [Problem(_form_field(each.path), each.message) for each in found]
        problems += [problem for problem in named if problem.field not in known]
        _add_contradictions(fields, {each.path[0] for each in found}, problems)
        return None


def _add_contradictions(fields: dict[str, Any], wrong: set[str], problems: list[Problem]) -> None:
    """pydantic looks at the whole only where each field is right by itself: ask again with
    defaults for the wrong ones, so that everything is said at once. What an image or a unit has
    to say about the whole can't be known while it is wrong."""
    if wrong & {"controlnets", "init_image"} or not wrong & fields.keys():
        return
    sound = {name: value for name, value in fields.items() if name not in wrong}
    _request({"seed": 0, "checkpoint": _MISSING, **sound}, problems)


_FORM_NAMES: Final = {
    "init_image": "init_picture",
    "controlnets": "units",
    "checkpoint": "checkpoints",
}
"""Fields of a request that a draft has under another name."""


def _form_field(path: Sequence[str]) -> str:
    return ".".join((_FORM_NAMES.get(path[0], path[0]), *path[1:])) if path else "form"
