"""Turns a form into a draft, and a draft back into a filled form."""

from typing import Any, Final

from core.draft import RANDOM_SEED, Draft
from formats.request import LoraUse, Mode
from ui.form import Form
from ui.form_values import OWN_VAE, FormValues
from ui.unit_draft import fill_units, unit_drafts

_SAME: Final = (
    "mode", "prompt", "negative_prompt", "sampler", "schedule", "steps", "cfg_scale", "width",
    "height", "seed", "batch_size", "batch_count", "clip_skip", "denoising_strength",
    "resize_mode",
)  # fmt: skip
"""Fields that form and draft share under one name."""

_NUMBERS: Final = {
    "steps",
    "cfg_scale",
    "width",
    "height",
    "batch_size",
    "batch_count",
    "clip_skip",
}


def draft_of(form: Form, *, with_units: bool) -> Draft:
    """What the form asks for, unchecked."""
    values = form.values()
    img2img = values.mode is Mode.IMG2IMG
    return Draft(
        endpoint=values.endpoint or "",
        checkpoints=tuple(values.checkpoints),
        vae=values.vae or None,
        loras=tuple(LoraUse(name=n, weight=values.lora_weights[n]) for n in values.loras),
        units=unit_drafts(form, values) if with_units else (),
        init_picture=form.picture("init_picture") if img2img else None,
        **_shared(values),
    )


def _shared(values: FormValues) -> dict[str, Any]:
    """The shared fields; an emptied seed is a random one, another emptied number is 0."""
    shared = {field: getattr(values, field) for field in _SAME}
    zeros = {field: shared[field] or 0 for field in _NUMBERS}
    seed = RANDOM_SEED if values.seed is None else values.seed
    return {**shared, **zeros, "seed": seed}


def fill(form: Form, draft: Draft) -> None:
    """Take over a draft: a job's parameters, or a picture sent from another page."""
    weights = {use.name: use.weight for use in draft.loras}
    form.put(
        endpoint=draft.endpoint or form.kept.endpoint,
        checkpoints=list(draft.checkpoints),
        vae=draft.vae or OWN_VAE,
        loras=list(weights),
        lora_weights=weights,
        **{field: getattr(draft, field) for field in _SAME},
    )
    form.put_picture("init_picture", draft.init_picture)
    form.set_problems()
    fill_units(form, draft.units)
