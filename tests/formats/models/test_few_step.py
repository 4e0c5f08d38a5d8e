"""Few-step files are recognised as their projects and A1111's users name them, and no others."""

from typing import Any

import pytest

from formats.generation.samplers import Sampler, Schedule, supports
from formats.models.detection import classify
from formats.models.few_step import FewStep, FewStepKind, FewStepSource, find_few_step
from formats.models.few_step_settings import misfit, recommended
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header, parse_header
from tests.formats.models.test_detection import UNET, safetensors
from tests.formats.models.test_prediction import SDXL

CHECKPOINT, LORA = ModelKind.CHECKPOINT, ModelKind.LORA
LCM, LIGHTNING, TURBO, HYPER, DMD2 = FewStepKind
TENSORS, METADATA, NAME = FewStepSource
NOTHING = Header(tensors={}, metadata={}, data_start=8)


@pytest.mark.parametrize(
    ("name", "kind", "family", "wanted"),
    [
        # The projects' own files: latent-consistency, ByteDance, Stability AI, tianweiy.
        ("lcm-lora-sdv1-5", LORA, Family.SD1, (LCM, None)),
        ("lcm_lora_sdxl", LORA, Family.SDXL, (LCM, None)),
        ("LCM_Dreamshaper_v7", CHECKPOINT, Family.SD1, (LCM, None)),
        ("sdxl_lightning_4step", CHECKPOINT, Family.SDXL, (LIGHTNING, 4)),
        ("sdxl_lightning_8step_lora", LORA, Family.SDXL, (LIGHTNING, 8)),
        ("sd_xl_turbo_1.0_fp16", CHECKPOINT, Family.SDXL, (TURBO, None)),
        ("sd_turbo", CHECKPOINT, Family.SD2, (TURBO, None)),
        ("sd_xl_turbo_lora_v1", LORA, Family.SDXL, (TURBO, None)),
        ("Hyper-SD15-1step-lora", LORA, Family.SD1, (HYPER, 1)),
        ("Hyper-SDXL-8steps-CFG-lora", LORA, Family.SDXL, (HYPER, 8)),
        ("dmd2_sdxl_4step_lora_fp16", LORA, Family.SDXL, (DMD2, 4)),
        # Merges as Civitai's users name them.
        ("dreamshaper8LCM", CHECKPOINT, Family.SD1, (LCM, None)),
        ("dreamshaperXL_lightningDPMSDE", CHECKPOINT, Family.SDXL, (LIGHTNING, None)),
        ("juggernautXL_v9Rdphoto2Lightning", CHECKPOINT, Family.SDXL, (LIGHTNING, None)),
        ("realvisxlV50_v50LightningBakedvae", CHECKPOINT, Family.SDXL, (LIGHTNING, None)),
        ("DreamShaperXL_Turbo_v2_1", CHECKPOINT, Family.SDXL, (TURBO, None)),
        ("turbovisionxlSuperFast_tvxlV431", CHECKPOINT, Family.SDXL, (TURBO, None)),
        ("juggernautXL_juggXIHyper", CHECKPOINT, Family.SDXL, (HYPER, None)),
        ("epicrealism_v7Hyper-bf16", CHECKPOINT, Family.SD1, (HYPER, None)),
        ("lustifySDXL_DMD2", CHECKPOINT, Family.SDXL, (DMD2, None)),
        # Others, whose names only sound like it.
        ("lightning_bolts_xl", LORA, Family.SDXL, None),
        ("LightningStorm", LORA, Family.SD1, None),
        ("enlightning", CHECKPOINT, Family.SDXL, None),
        ("porsche_911_turbo", LORA, Family.SDXL, None),
        ("turbocharged", CHECKPOINT, Family.SDXL, None),
        ("hyperRealism_v1", CHECKPOINT, Family.SD1, None),
        ("Hyper-Realistic v2", CHECKPOINT, Family.SD1, None),
        ("hyperdetailer", LORA, Family.SD1, None),
        ("calcmap", CHECKPOINT, Family.SD1, None),
        ("lightning_v1", CHECKPOINT, Family.SD1, None),
        ("sdxl_lightning_4step", ModelKind.CONTROLNET, Family.SDXL, None),
        ("sd_xl_base_1.0", CHECKPOINT, Family.SDXL, None),
        ("style_1000_steps_lora", LORA, Family.SDXL, None),
    ],
)
def test_by_its_name(name: str, kind: ModelKind, family: Family, wanted: Any) -> None:
    found = find_few_step(NOTHING, kind, family, (f"{name}.safetensors",))
    assert (found and (found.kind, found.steps)) == wanted
    assert found is None or found.source is NAME


@pytest.mark.parametrize(
    ("metadata", "wanted"),
    [
        ({"modelspec.architecture": "stable-diffusion-xl-turbo-v1"}, (TURBO, None)),
        ({"modelspec.title": "Some SDXL Lightning 4-step merge"}, (LIGHTNING, 4)),
        ({"ss_output_name": "hyper_sdxl_8steps"}, (HYPER, 8)),
        ({"modelspec.tags": "anime, dmd2"}, (DMD2, None)),
        ({"modelspec.usage_hint": "LCM sampler, 6 steps, CFG 1.5"}, (LCM, 6)),
        ({"modelspec.usage_hint": "works well with Lightning LoRAs"}, None),
        ({"modelspec.description": "A merge without Turbo in it, use 30 steps"}, None),
        ({"ss_sd_model_name": "sd_xl_turbo_1.0.safetensors"}, None),
    ],
)
def test_by_its_metadata(metadata: dict[str, str], wanted: Any) -> None:
    header = parse_header(safetensors(SDXL, **metadata))
    found = find_few_step(header, CHECKPOINT, classify(header).family, ("model.safetensors",))
    assert (found and (found.kind, found.steps)) == wanted
    assert found is None or found.source is METADATA


def test_the_tensors_count_before_any_name() -> None:
    shapes = {**SDXL, UNET + "time_embed.cond_proj.weight": (320, 256)}
    header = parse_header(safetensors(shapes, **{"modelspec.title": "Turbo"}))
    assert find_few_step(header, CHECKPOINT, Family.SDXL) == FewStep(kind=LCM, source=TENSORS)


def test_the_name_on_the_site_counts_beside_the_files() -> None:
    names = ("pytorch_lora_weights.safetensors", "latent-consistency/lcm-lora-sdxl")
    found = find_few_step(NOTHING, LORA, Family.SDXL, names)
    assert found == FewStep(kind=LCM, source=NAME)


@pytest.mark.parametrize(
    ("kind", "steps", "keeps_cfg", "wanted"),
    [
        (LCM, None, False, (Sampler.LCM, Schedule.AUTOMATIC, 6, 1.5)),
        (LIGHTNING, None, False, (Sampler.EULER, Schedule.SGM_UNIFORM, 4, 1)),
        (LIGHTNING, 8, False, (Sampler.EULER, Schedule.SGM_UNIFORM, 8, 1)),
        (TURBO, None, False, (Sampler.EULER_A, Schedule.SGM_UNIFORM, 4, 1)),
        (HYPER, 4, False, (Sampler.DDIM, Schedule.SGM_UNIFORM, 4, 1)),
        (HYPER, 1, False, (Sampler.TCD, Schedule.AUTOMATIC, 1, 1)),
        (HYPER, 12, True, (Sampler.DDIM, Schedule.SGM_UNIFORM, 12, 5)),
        (DMD2, 4, False, (Sampler.LCM, Schedule.AUTOMATIC, 4, 1)),
    ],
)
def test_what_the_projects_recommend(
    kind: FewStepKind, steps: int | None, keeps_cfg: bool, wanted: Any
) -> None:
    few_step = FewStep(kind=kind, source=NAME, steps=steps, keeps_cfg=keeps_cfg)
    best = recommended(few_step)
    assert (best.sampler, best.schedule, best.steps, best.cfg_scale) == wanted
    assert supports(Sampler(best.sampler), Schedule(best.schedule))
    assert misfit(few_step, best.steps, best.cfg_scale) is None


@pytest.mark.parametrize(
    ("kind", "made_for", "steps", "cfg_scale", "is_told"),
    [
        (LCM, None, 4, 2, False),
        (LCM, None, 20, 1.5, True),
        (LCM, None, 4, 7, True),
        (LIGHTNING, 4, 2, 1, True),
        (LIGHTNING, 4, 6, 1, False),
        (TURBO, None, 1, 1, False),
        (TURBO, None, 20, 1, True),
        (HYPER, 12, 12, 1, False),
    ],
)
def test_settings_that_do_not_fit_are_told(
    kind: FewStepKind, made_for: int | None, steps: int, cfg_scale: float, is_told: bool
) -> None:
    few_step = FewStep(kind=kind, source=NAME, steps=made_for)
    assert bool(misfit(few_step, steps, cfg_scale)) is is_told


def test_a_misfit_names_the_settings() -> None:
    few_step = FewStep(kind=LIGHTNING, source=NAME, steps=4)
    assert misfit(few_step, 20, 7) == (
        "Lightning files are made for 4 to 8 steps at a CFG scale of 1 to 2; with other settings "
        "pictures come out unfinished or burnt."
    )


def test_a_cfg_lora_keeps_its_scale() -> None:
    found = find_few_step(NOTHING, LORA, Family.SDXL, ("Hyper-SDXL-8steps-CFG-lora",))
    assert found is not None
    assert found.keeps_cfg
    assert misfit(found, 8, 6) is None
    assert misfit(found, 8, 1) is not None
