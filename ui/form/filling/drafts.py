"""Turns a form into a draft, and a draft back into a filled form."""

from core.jobs.preparing.draft import Draft, DraftInpaint
from formats.generation.inpaint import InpaintSettings
from formats.generation.parameters import RANDOM_SEED, Mode, parameter_fields
from formats.generation.request import LoraUse
from ui.form.controlnet.drafts import fill_units, unit_drafts
from ui.form.image.mask import mask_of
from ui.form.prompt.wildcard_seed import FIELD, wildcard_seed
from ui.form.state import Form
from ui.form.values import OWN_VAE, FormValues, MaskSource


def draft_of(form: Form, *, with_units: bool) -> Draft:
    """What the form asks for, unchecked."""
    values = form.values()
    return Draft(
        **{name: getattr(values, name) for name in parameter_fields()},
        endpoint=values.endpoint or "",
        mode=values.mode,
        checkpoints=tuple(values.checkpoints),
        vae=values.vae or None,
        styles=tuple(values.styles),
        wildcard_seed=wildcard_seed(form),
        loras=tuple(LoraUse(name=n, weight=values.lora_weights[n]) for n in values.loras),
        units=unit_drafts(form, values) if with_units else (),
        init_image=form.image("init_picture") if values.mode.needs_image else None,
        inpaint=_inpaint(form, values) if values.mode is Mode.INPAINT else None,
        outpaint=values.outpaint if values.mask_source is MaskSource.OUTPAINT else None,
        hires=values.hires if values.with_hires else None,
        upscale=values.upscale,
    )


def _inpaint(form: Form, values: FormValues) -> DraftInpaint:
    return DraftInpaint(**dict(values.inpaint), mask=mask_of(form, values))


def fill(form: Form, draft: Draft) -> None:
    """Take over a draft: a job's parameters, or an image sent from another page.

    One without a checkpoint is that of a job that only enlarged: the rest of the form stays.
    """
    if draft.checkpoints:
        _fill_generation(form, draft)
    seed = RANDOM_SEED if draft.wildcard_seed is None else draft.wildcard_seed
    form.put(**{FIELD: seed, "dynamic.count": 1, "dynamic.every": False})
    mask = draft.inpaint.mask if draft.inpaint else None
    form.put(mode=draft.mode, **_parts(draft))
    form.put(mask_source=_mask_source(draft))
    form.put_image("init_picture", draft.init_image)
    form.put_image("mask", mask)
    form.set_problems()


def _mask_source(draft: Draft) -> MaskSource:
    if draft.outpaint:
        return MaskSource.OUTPAINT
    return MaskSource.UPLOAD if draft.inpaint and draft.inpaint.mask else MaskSource.PAINT


def _fill_generation(form: Form, draft: Draft) -> None:
    weights = {use.name: use.weight for use in draft.loras}
    form.put(
        **{name: getattr(draft, name) for name in parameter_fields()},
        endpoint=draft.endpoint or form.kept.endpoint,
        checkpoints=list(draft.checkpoints),
        vae=draft.vae or OWN_VAE,
        styles=list(draft.styles),
        loras=list(weights),
        lora_weights=weights,
    )
    fill_units(form, draft.units)


def _parts(draft: Draft) -> dict[str, object]:
    """The settings of the modes; what the draft has none of starts anew."""
    fresh = FormValues()
    inpaint = draft.inpaint or DraftInpaint()
    return {
        **{f"inpaint.{name}": getattr(inpaint, name) for name in InpaintSettings.model_fields},
        **{f"outpaint.{n}": value for n, value in dict(draft.outpaint or fresh.outpaint).items()},
        **{f"hires.{name}": value for name, value in dict(draft.hires or fresh.hires).items()},
        **{f"upscale.{n}": value for n, value in dict(draft.upscale or fresh.upscale).items()},
        "with_hires": draft.hires is not None,
    }
