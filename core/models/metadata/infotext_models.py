"""Which model files an infotext names, wherever in it that stands, and by which hashes.

Sources: A1111 modules/processing.py (`create_infotext`), extensions-builtin/Lora (`Lora hashes`),
modules/sd_hijack_clip.py (`TI hashes`), sd-webui-controlnet's units, whose hash is AutoV1; Civitai
writes `Hashes` and `Civitai resources` as JSON.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from core.errors import InvalidInput
from core.models.metadata.hashes import as_hash
from core.models.metadata.readers import untrusted
from core.models.metadata.search import fold
from formats.frozen import Frozen
from formats.generation import infotext
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from formats.models.kinds import ModelKind

MAX_MODELS: Final = 100
"""As many names are looked up; a text of 64 KB may have thousands."""

_NAME: Final = 255
_TAG: Final = re.compile(r"<(?:lora|lyco):([^<>:]{1,255})(?::[^<>]*)?>")
_IN_BRACKETS: Final = re.compile(r"(.+?)\s*[\[(]([0-9a-fA-F]{8,64})[\])]")
"""`name [hash]`, as A1111 shows a checkpoint, and `name(hash)` of older extensions."""
_UNIT: Final = re.compile(r"ControlNet \d{1,2}")
_UNIT_MODEL: Final = re.compile(r"Model:\s*([^,]{1,300})")
_OLD_UNIT: Final = re.compile(r"ControlNet(?:[- ]\d{1,2})? Model")
_OLD_LORA: Final = re.compile(r"AddNet Model \d{1,2}")
_UPSCALER: Final = re.compile(r"(?:.* )?upscaler(?: \d)?", re.IGNORECASE)
_NOTHING: Final = {
    *("", "none", "automatic", "use same checkpoint", "default", "true", "false"),
    *(fold(each) for each in (*LatentUpscaler, *PixelUpscaler)),
}
"""Values that name no file."""
_PREFIXES: Final[Mapping[str, ModelKind]] = {
    "model": ModelKind.CHECKPOINT,
    "vae": ModelKind.VAE,
    "lora": ModelKind.LORA,
    "lyco": ModelKind.LORA,
    "embed": ModelKind.EMBEDDING,
}
"""What stands before the colon in `Hashes`."""
_MAIN: Final = {ModelKind.CHECKPOINT: "Model", ModelKind.VAE: "VAE"}
_TYPES: Final[Mapping[str, ModelKind]] = {
    "checkpoint": ModelKind.CHECKPOINT,
    "lora": ModelKind.LORA,
    "locon": ModelKind.LORA,
    "lycoris": ModelKind.LORA,
    "dora": ModelKind.LORA,
    "embed": ModelKind.EMBEDDING,
    "embedding": ModelKind.EMBEDDING,
    "textualinversion": ModelKind.EMBEDDING,
    "vae": ModelKind.VAE,
    "controlnet": ModelKind.CONTROLNET,
    "upscaler": ModelKind.UPSCALER,
}
"""Civitai's kinds."""
_ENDINGS: Final = (".safetensors", ".sft", ".ckpt", ".pth", ".pt", ".bin")


class NamedModel(Frozen):
    """One model file as an infotext names it; without a name there is a hash or a version."""

    kind: ModelKind | None
    """None where the text does not say it."""
    name: str = ""
    """Without an ending and folders."""
    hashes: tuple[str, ...] = ()
    """Each of 8, 10, 12 or 64 digits, lower case."""
    version: int | None = None
    """Civitai's number of it."""


def named_models(text: str) -> tuple[NamedModel, ...]:
    """The models that an infotext names, each once; at most `MAX_MODELS`.

    Raises InvalidInput for a text that is too long to be one.
    """
    rest, objects = infotext.cut_json(text)
    try:
        info = infotext.read(rest)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    prompts = (info.prompt, info.negative_prompt, info.parameters.get("Hires prompt", ""))
    found = [*_of_parameters(info.parameters)]
    for prompt in prompts:
        found += (_model(ModelKind.LORA, tag[1]) for tag in _TAG.finditer(prompt))
    quoted = untrusted.json_of(info.parameters.get("Hashes", ""))
    found += _of_hashes(objects.get("Hashes", quoted), info.parameters)
    found += _of_resources(objects.get("Civitai resources"))
    return tuple(_merged(each for each in found if each))


def _of_parameters(parameters: Mapping[str, str]) -> Iterator[NamedModel | None]:
    get = parameters.get
    yield _model(ModelKind.CHECKPOINT, get("Model"), get("Model hash"))
    yield _model(ModelKind.VAE, get("VAE"), get("VAE hash"))
    yield _with_hash(ModelKind.CHECKPOINT, get("Refiner"))
    yield _with_hash(ModelKind.CHECKPOINT, get("Hires checkpoint"))
    yield from _of_list(ModelKind.LORA, get("Lora hashes"))
    yield from _of_list(ModelKind.EMBEDDING, get("TI hashes"))
    for key, value in parameters.items():
        if _UNIT.fullmatch(key) and (found := _UNIT_MODEL.search(value)):
            yield _with_hash(ModelKind.CONTROLNET, found[1])
        elif _OLD_UNIT.fullmatch(key):
            yield _with_hash(ModelKind.CONTROLNET, value)
        elif _OLD_LORA.fullmatch(key):
            yield _with_hash(ModelKind.LORA, value)
        elif _UPSCALER.fullmatch(key):
            yield _model(ModelKind.UPSCALER, value)


def _of_list(kind: ModelKind, text: str | None) -> Iterator[NamedModel | None]:
    """Of `name: hash, name: hash`."""
    for pair in (text or "").split(","):
        name, _, digits = pair.rpartition(":")
        yield _model(kind, name, digits) if name else None


def _of_hashes(value: object, parameters: Mapping[str, str]) -> Iterator[NamedModel | None]:
    """Of Civitai's `{"model": hash, "lora:name": hash}`; those without a name are the main ones."""
    for key, digits in untrusted.mapping(value).items():
        prefix, _, name = key.partition(":")
        kind = _PREFIXES.get(prefix.strip().lower())
        if kind:
            yield _model(kind, name or parameters.get(_MAIN.get(kind, "")), digits)


def _of_resources(value: object) -> Iterator[NamedModel | None]:
    for each in map(untrusted.mapping, untrusted.items(value)):
        kind = _TYPES.get((untrusted.line(each.get("type"), 32) or "").lower())
        version = untrusted.identity(each.get("modelVersionId"))
        yield _model(kind, each.get("modelName"), each.get("hash"), version)


def _with_hash(kind: ModelKind, value: str | None) -> NamedModel | None:
    found = _IN_BRACKETS.fullmatch((value or "").strip()[:400])
    return _model(kind, found[1], found[2]) if found else _model(kind, value)


def _model(
    kind: ModelKind | None, name: object, digits: object = None, version: int | None = None
) -> NamedModel | None:
    shown = untrusted.line(name, _NAME) or ""
    shown = "" if fold(shown) in _NOTHING else bare_name(shown)
    found = as_hash(digits) if isinstance(digits, str) else None
    hashes = (found,) if found else ()
    if not (shown or hashes or version):
        return None
    return NamedModel(kind=kind, name=shown, hashes=hashes, version=version)


def bare_name(name: str) -> str:
    """A file's name without folders and ending."""
    last = re.split(r"[\\/]", name)[-1]
    ending = next((each for each in _ENDINGS if last.lower().endswith(each)), "")
    return last[: len(last) - len(ending)].strip() or name


def _merged(models: Iterable[NamedModel]) -> Iterator[NamedModel]:
    """Those of one name as one, and those without a name as the one that has their hash."""
    found: dict[tuple[ModelKind | None, str], NamedModel] = {}
    for model in models:
        key = (model.kind, fold(model.name)) if model.name else _key_by_hash(found, model)
        found[key] = _joined(found[key], model) if key in found else model
        if len(found) == MAX_MODELS:
            break
    return iter(found.values())


def _key_by_hash(
    found: Mapping[tuple[ModelKind | None, str], NamedModel], model: NamedModel
) -> tuple[ModelKind | None, str]:
    """Of the one that has a hash of it; a key of its own where none has."""
    for key, known in found.items():
        pairs = ((a, b) for a in known.hashes for b in model.hashes)
        if key[0] is model.kind and any(a.startswith(b) or b.startswith(a) for a, b in pairs):
            return key
    return model.kind, f"{model.hashes}{model.version}"


def _joined(known: NamedModel, model: NamedModel) -> NamedModel:
    return NamedModel(
        kind=known.kind,
        name=known.name or model.name,
        hashes=tuple(dict.fromkeys((*known.hashes, *model.hashes))),
        version=known.version or model.version,
    )
