"""Turns a form into a draft, and a draft back into a filled form."""

from typing import Any, Final

from core.jobs.draft import RANDOM_SEED, Draft, DraftHires, DraftInpaint, DraftUpscale
from formats.generation.request import LoraUse, Mode
from ui.form.controlnet.drafts import fill_units, unit_drafts
from ui.form.mask import mask_of
from ui.form.state import Form
from ui.form.values import OWN_VAE, FormValues, MaskSource

_SAME: Final = (
    "mode", "prompt", "negative_prompt", "sampler", "schedule", "steps", "cfg_scale", "width",
    "height", "seed", "batch_size", "batch_count", "clip_skip", "denoising_strength",
    "resize_mode", "variation_seed", "variation_strength", "exact",
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
_SEEDS: Final = ("seed", "variation_seed")


def draft_of(form: Form, *, with_units: bool) -> Draft:
    """What the form asks for, unchecked."""
    values = form.values()
    return Draft(
        endpoint=values.endpoint or "",
        checkpoints=tuple(values.checkpoints),
        vae=values.vae or None,
        loras=tuple(LoraUse(name=n, weight=values.lora_weights[n]) for n in values.loras),
        units=unit_drafts(form, values) if with_units else (),
        init_picture=form.picture("init_picture") if values.mode.needs_picture else None,
        inpaint=_inpaint(form, values) if values.mode is Mode.INPAINT else None,
        hires=_hires(values) if values.hires else None,
        upscale=DraftUpscale(upscaler=values.upscaler, scale=values.upscale_by or 0),
        **_shared(values),
    )


def _inpaint(form: Form, values: FormValues) -> DraftInpaint:
    return DraftInpaint(
        mask=mask_of(form, values),
        inverted=values.mask_inverted,
        blur=values.mask_blur or 0,
        content=values.masked_content,
        area=values.inpaint_area,
        padding=values.mask_padding or 0,
    )


def _hires(values: FormValues) -> DraftHires:
    return DraftHires(
        upscaler=values.hires_upscaler,
        scale=values.hires_scale or 0,
        steps=values.hires_steps or None,
        sampler=values.hires_sampler,
        schedule=values.hires_schedule,
        denoising_strength=values.hires_denoising,
    )


def _shared(values: FormValues) -> dict[str, Any]:
    """The shared fields; an emptied seed is a random one, another emptied number is 0."""
    shared = {field: getattr(values, field) for field in _SAME}
    zeros = {field: shared[field] or 0 for field in _NUMBERS}
    seeds = {f: RANDOM_SEED if shared[f] is None else shared[f] for f in _SEEDS}
    return {**shared, **zeros, **seeds}


def _sizes(draft: Draft) -> dict[str, Any]:
    """Hires fix and upscaler; where the draft has none, their switch is off."""
    hires, upscale = draft.hires or DraftHires(), draft.upscale or DraftUpscale()
    return {
        "hires": draft.hires is not None,
        "hires_upscaler": hires.upscaler,
        "hires_scale": hires.scale,
        "hires_steps": hires.steps or 0,
        "hires_denoising": hires.denoising_strength,
        "hires_sampler": hires.sampler,
        "hires_schedule": hires.schedule,
        "upscaler": upscale.upscaler,
        "upscale_by": upscale.scale,
    }


def _masking(inpaint: DraftInpaint | None) -> dict[str, Any]:
    """A mask that comes with a draft is a picture, not strokes."""
    taken = inpaint or DraftInpaint()
    return {
        "mask_source": MaskSource.UPLOAD if taken.mask else MaskSource.PAINT,
        "mask_inverted": taken.inverted,
        "mask_blur": taken.blur,
        "masked_content": taken.content,
        "inpaint_area": taken.area,
        "mask_padding": taken.padding,
    }


def fill(form: Form, draft: Draft) -> None:
    """Take over a draft: a job's parameters, or a picture sent from another page.

    One without a checkpoint is that of a job that only enlarged: the rest of the form stays.
    """
    if draft.checkpoints:
        _fill_drawing(form, draft)
    form.put(mode=draft.mode, **_sizes(draft), **_masking(draft.inpaint))
    form.put_picture("init_picture", draft.init_picture)
    form.put_picture("mask", draft.inpaint.mask if draft.inpaint else None)
    form.set_problems()


def _fill_drawing(form: Form, draft: Draft) -> None:
    weights = {use.name: use.weight for use in draft.loras}
    form.put(
        endpoint=draft.endpoint or form.kept.endpoint,
        checkpoints=list(draft.checkpoints),
        vae=draft.vae or OWN_VAE,
        loras=list(weights),
        lora_weights=weights,
        **{field: getattr(draft, field) for field in _SAME},
    )
    fill_units(form, draft.units)
