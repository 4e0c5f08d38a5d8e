"""The settings that a model is best used with: what is said of it, else what its kind needs."""

from core.models.files import ModelFile
from core.models.metadata.fields import RecommendedSettings
from formats.models.few_step_settings import recommended


def recommended_settings(file: ModelFile) -> RecommendedSettings | None:
    """None where nobody says anything and the file is no few-step one.

    What people, sites and side-cars say counts field by field before what the distillation needs.
    """
    said = file.known.fields.settings
    if file.few_step is None:
        return said
    best = recommended(file.few_step)
    needed = RecommendedSettings(
        sampler=best.sampler,
        scheduler=best.schedule,
        steps=best.steps,
        cfg_scale=best.cfg_scale,
    )
    if said is None:
        return needed
    return needed.model_copy(update=said.model_dump(exclude_none=True))
