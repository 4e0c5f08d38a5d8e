"""Reads Civitai's objects: a model with its versions, or one version with its model.

Source of the fields: the site's public API (`/api/v1/models/{id}`, `/api/v1/model-versions/{id}`),
as `.civitai.info` files hold it. Any of them may be null.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from core.models.metadata.fields import ModelFields
from core.models.metadata.readers import untrusted
from core.texts.models import metadata as texts

_SITE: Final = "https://civitai.com/models/"
_PERMISSIONS: Final = (
    "allowNoCredit",
    "allowCommercialUse",
    "allowDerivatives",
    "allowDifferentLicense",
)


def version_values(version: Mapping[str, object]) -> ModelFields:
    """What a version says, with the model that stands in it."""
    return _values(untrusted.mapping(version.get("model")), version)


def model_values(model: Mapping[str, object], file_name: str = "") -> ModelFields:
    """What a model says, and of its versions the one with this file, else the newest."""
    return _values(model, _version(model, file_name))


def _version(model: Mapping[str, object], file_name: str) -> Mapping[str, object]:
    versions = [untrusted.mapping(each) for each in untrusted.items(model.get("modelVersions"))]
    named = (each for each in versions if file_name in _file_names(each))
    return next(named, versions[0] if versions else {})


def _file_names(version: Mapping[str, object]) -> Iterator[str]:
    """Without their endings."""
    for file in untrusted.items(version.get("files")):
        name = untrusted.line(untrusted.mapping(file).get("name"), 255)
        if name:
            yield name.rpartition(".")[0] or name


def _values(model: Mapping[str, object], version: Mapping[str, object]) -> ModelFields:
    advice = untrusted.mapping(version.get("settings"))
    creator = untrusted.mapping(model.get("creator") or version.get("creator"))
    return ModelFields(
        title=untrusted.line(model.get("name"), 128),
        version=untrusted.line(version.get("name"), 128),
        description=untrusted.paragraphs(model.get("description"), version.get("description")),
        base_model=untrusted.line(version.get("baseModel"), 64),
        trained_words=untrusted.words(untrusted.items(version.get("trainedWords"))),
        weight=untrusted.weight(advice.get("strength")),
        weight_min=untrusted.bound(advice.get("minStrength")),
        weight_max=untrusted.bound(advice.get("maxStrength")),
        licence=_licence(model),
        source_url=page_address(model.get("id") or version.get("modelId"), version.get("id")),
        author=untrusted.line(creator.get("username"), 128),
        tags=untrusted.tags(model.get("tags")),
        settings=untrusted.settings(clip_skip=version.get("clipSkip")),
    )


def page_address(model: object, version: object) -> str | None:
    """Where a person reads about a version; None without the model's number."""
    model_id, version_id = untrusted.identity(model), untrusted.identity(version)
    if model_id is None:
        return None
    return f"{_SITE}{model_id}" + (f"?modelVersionId={version_id}" if version_id else "")


def _licence(model: Mapping[str, object]) -> str | None:
    """The permissions in words; None where the object doesn't tell them."""
    given = [model.get(name) for name in _PERMISSIONS]
    if all(each is None for each in given):
        return None
    no_credit, uses, derivatives, other_licence = given
    conditions = (
        texts.CREDIT if no_credit is False else "",
        texts.NO_DERIVATIVES if derivatives is False else "",
        texts.SAME_LICENCE if other_licence is False and derivatives is not False else "",
    )
    allowed = [uses] if isinstance(uses, str) else untrusted.items(uses)
    return texts.civitai_permissions(
        filter(None, conditions), [each for each in allowed if isinstance(each, str)]
    )
