"""Reads `.cm-info.json`, what Stability Matrix keeps beside a model file.

Source: github.com/LykosAI/StabilityMatrix, StabilityMatrix.Core/Models/ConnectedModelInfo.cs and
InferenceDefaults.cs.
"""

from collections.abc import Mapping
from typing import Final

from core.models.metadata.fields import ModelFields, RecommendedSettings
from core.models.metadata.readers import untrusted
from core.models.metadata.readers.civitai import page_address
from formats.generation.samplers import Sampler, Schedule

_GPU: Final = "_gpu"
_SAMPLERS: Final[Mapping[str, Sampler]] = {
    "euler": Sampler.EULER,
    "euler_ancestral": Sampler.EULER_A,
    "heun": Sampler.HEUN,
    "dpm_2": Sampler.DPM2,
    "dpm_2_ancestral": Sampler.DPM2_A,
    "lms": Sampler.LMS,
    "dpmpp_2s_ancestral": Sampler.DPMPP_2S_A,
    "dpmpp_sde": Sampler.DPMPP_SDE,
    "dpmpp_2m": Sampler.DPMPP_2M,
    "dpmpp_2m_sde": Sampler.DPMPP_2M_SDE,
    "dpmpp_3m_sde": Sampler.DPMPP_3M_SDE,
    "ddim": Sampler.DDIM,
    "ddpm": Sampler.DDPM,
    "lcm": Sampler.LCM,
    "uni_pc": Sampler.UNIPC,
    "deis": Sampler.DEIS,
}
"""ComfyUI's names (comfy/samplers.py)."""
_SCHEDULES: Final[Mapping[str, Schedule]] = {
    "normal": Schedule.NORMAL,
    "karras": Schedule.KARRAS,
    "exponential": Schedule.EXPONENTIAL,
    "sgm_uniform": Schedule.SGM_UNIFORM,
    "simple": Schedule.SIMPLE,
    "ddim_uniform": Schedule.DDIM,
    "beta": Schedule.BETA,
}
_CIVITAI: Final = (None, 0, "Civitai")
"""What `Source` says of a model of that site, whose numbers the others are."""


def stability_matrix_values(values: Mapping[str, object]) -> ModelFields:
    """What the file says; a title that its user gave counts before the site's."""
    is_civitai = values.get("Source") in _CIVITAI
    title = values.get("UserTitle") or values.get("ModelName")
    address = page_address(values.get("ModelId"), values.get("VersionId")) if is_civitai else None
    return ModelFields(
        title=untrusted.line(title, 128),
        version=untrusted.line(values.get("VersionName"), 128),
        description=untrusted.paragraphs(
            values.get("ModelDescription"), values.get("VersionDescription")
        ),
        base_model=untrusted.line(values.get("BaseModel"), 64),
        trained_words=untrusted.words(untrusted.items(values.get("TrainedWords"))),
        author=untrusted.line(values.get("AuthorUsername"), 128),
        source_url=address,
        tags=untrusted.tags(values.get("Tags")),
        settings=_settings(untrusted.mapping(values.get("InferenceDefaults"))),
    )


def _settings(values: Mapping[str, object]) -> RecommendedSettings | None:
    sampler = _name(values.get("Sampler")).removesuffix(_GPU)
    return untrusted.settings(
        sampler=_SAMPLERS.get(sampler),
        scheduler=_SCHEDULES.get(_name(values.get("Scheduler"))),
        steps=values.get("Steps"),
        cfg_scale=values.get("CfgScale"),
        size=(values.get("Width"), values.get("Height")),
    )


def _name(value: object) -> str:
    """Of a record `{"Name": "euler"}`, or as it stands."""
    return untrusted.line(untrusted.mapping(value).get("Name") or value, 64) or ""
