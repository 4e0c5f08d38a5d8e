"""Which models an infotext names, and which of them the library lacks."""

import json

import pytest

from core.errors import InvalidInput
from core.models.metadata.fields import Known, ModelFields
from core.models.metadata.hashes import Hashes
from core.models.metadata.infotext_models import MAX_MODELS, NamedModel, named_models
from core.models.metadata.missing_models import Standing, missing_models
from formats.generation.infotext import MAX_INFOTEXT
from formats.models.kinds import ModelKind
from tests.core.models.metadata.library import StoredFile, stored

CHECKPOINT, LORA, VAE = ModelKind.CHECKPOINT, ModelKind.LORA, ModelKind.VAE
EMBEDDING, CONTROLNET, UPSCALER = ModelKind.EMBEDDING, ModelKind.CONTROLNET, ModelKind.UPSCALER


def named(
    kind: ModelKind | None, name: str, *hashes: str, version: int | None = None
) -> NamedModel:
    return NamedModel(kind=kind, name=name, hashes=hashes, version=version)


def infotext(parameters: str, prompt: str = "a cat") -> str:
    return (
        f"{prompt}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, {parameters}"
    )


RESOURCES = [
    {
        "type": "checkpoint",
        "modelVersionId": 7,
        "modelName": "Z Image",
        "modelVersionName": "Turbo",
    },
    {"type": "lora", "weight": 0.8, "modelVersionId": 9, "modelName": "Ink, wash"},
    {"modelVersionId": "x"},
    None,
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a cat, Model: nothing", []),
        (
            infotext("Model hash: 6CE0161689, Model: v1-5-pruned-emaonly"),
            [named(CHECKPOINT, "v1-5-pruned-emaonly", "6ce0161689")],
        ),
        (infotext("Model hash: 45dee52b"), [named(CHECKPOINT, "", "45dee52b")]),
        (infotext("Model: SDXL\\dreamer.safetensors"), [named(CHECKPOINT, "dreamer")]),
        (
            infotext("VAE hash: 735e4c3a44, VAE: sdxl_vae.safetensors"),
            [named(VAE, "sdxl_vae", "735e4c3a44")],
        ),
        (infotext("VAE: None"), []),
        (
            infotext("Refiner: sd_xl_refiner_1.0 [7440042bbd], Hires checkpoint: b.safetensors"),
            [named(CHECKPOINT, "sd_xl_refiner_1.0", "7440042bbd"), named(CHECKPOINT, "b")],
        ),
        (infotext("Hires checkpoint: Use same checkpoint"), []),
        (
            infotext('Lora hashes: "ink: 0123456789ab, my: odd: fe3b4816be83, bad"'),
            [named(LORA, "ink", "0123456789ab"), named(LORA, "my: odd", "fe3b4816be83")],
        ),
        (
            infotext('TI hashes: "negativeXL_D: fff5d51ab655, negativeXL_D: fff5d51ab655"'),
            [named(EMBEDDING, "negativeXL_D", "fff5d51ab655")],
        ),
        (
            infotext('Lora hashes: "ink: 0123456789ab"', "<lora:INK:0.8> <lyco:line:1> <lora:>"),
            [named(LORA, "ink", "0123456789ab"), named(LORA, "line")],
        ),
        (infotext("Version: 1", "x\nNegative prompt: <lora:slider:-1>"), [named(LORA, "slider")]),
        (
            infotext(
                'ControlNet 0: "Module: openpose_full, Model: control_v11p_sd15_openpose '
                '[cab727d4], Weight: 1", ControlNet 1: "Module: none, Model: None"'
            ),
            [named(CONTROLNET, "control_v11p_sd15_openpose", "cab727d4")],
        ),
        (
            infotext("ControlNet-0 Model: canny [0badcafe]"),
            [named(CONTROLNET, "canny", "0badcafe")],
        ),
        (infotext("AddNet Model 1: ink(0123456789ab)"), [named(LORA, "ink", "0123456789ab")]),
        (infotext("Hires upscaler: 4x-UltraSharp.pth"), [named(UPSCALER, "4x-UltraSharp")]),
        (infotext("Hires upscaler: Latent (nearest-exact)"), []),
        (infotext("Hires upscaler: Lanczos"), []),
        (infotext("Postprocess upscaler: None"), []),
        (
            infotext(
                'Model: a, Hashes: {"vae": "c0d6994df4", "model": "6e9f0e4b4c", '
                '"lora:ink, wash": "abcdef0123", "embed:neg": "ABCDEF012345", "x": 1}, Version: 1'
            ),
            [
                named(CHECKPOINT, "a", "6e9f0e4b4c"),
                named(VAE, "", "c0d6994df4"),
                named(LORA, "ink, wash", "abcdef0123"),
                named(EMBEDDING, "neg", "abcdef012345"),
            ],
        ),
        (
            infotext('Model: a, Model hash: 6e9f0e4b4c, Hashes: {"model": "6e9f0e4b4c"}'),
            [named(CHECKPOINT, "a", "6e9f0e4b4c")],
        ),
        (
            infotext(f"Hashes: {json.dumps(json.dumps({'lora:ink': 'abcdef0123'}))}"),
            [named(LORA, "ink", "abcdef0123")],
        ),
        (
            infotext(f"Civitai resources: {json.dumps(RESOURCES)}, Civitai metadata: {{}}"),
            [named(CHECKPOINT, "Z Image", version=7), named(LORA, "Ink, wash", version=9)],
        ),
        (infotext("Hashes: {broken, Model: a"), [named(CHECKPOINT, "a")]),
        (infotext(f"Model: a, Hashes: {'[' * 20_000}"), [named(CHECKPOINT, "a")]),
        (infotext('Hashes: ["model"], Model: a'), [named(CHECKPOINT, "a")]),
    ],
)
def test_an_infotext_names(text: str, expected: list[NamedModel]) -> None:
    assert list(named_models(text)) == expected


def test_there_is_an_end_to_names() -> None:
    prompt = " ".join(f"<lora:{number}>" for number in range(5000))
    assert len(named_models(prompt)) == MAX_MODELS


def test_a_text_that_is_no_infotext_is_refused() -> None:
    with pytest.raises(InvalidInput):
        named_models("x" * (MAX_INFOTEXT + 1))


def file(name: str, kind: ModelKind, hashes: Hashes, **fields: str) -> StoredFile:
    known = ModelFields.model_validate(fields)
    return stored(f"{name}.safetensors", known, kind=kind, hashes=hashes)


DREAM = file("dream", CHECKPOINT, Hashes(sha256="6e9f0e4b4c" + "0" * 54, auto_v1="0badcafe"))
INK = file("ink", LORA, Hashes(sha256="ab" * 32, auto_v3="0123456789ab"), title="Tusche")
BARE = file("bare", LORA, Hashes(sha256="ef" * 32))
SITE = file("site", LORA, Hashes(), source_url="https://civitai.com/models/1?modelVersionId=9")
LIBRARY = (DREAM, INK, BARE, SITE)


@pytest.mark.parametrize(
    ("parameters", "standing", "found"),
    [
        ("Model hash: 6e9f0e4b4c, Model: renamed", Standing.BY_HASH, [DREAM]),
        ("Model hash: 0badcafe, Model: dream", Standing.BY_HASH, [DREAM]),
        ("Model: DREAM", Standing.BY_NAME, [DREAM]),
        ("Model hash: 1111111111, Model: dream", Standing.OTHER_HASH, [DREAM]),
        ("Model hash: 1111111111, Model: gone", Standing.MISSING, []),
        ("Model: ink", Standing.MISSING, []),
        ('Lora hashes: "x: 0123456789ab"', Standing.BY_HASH, [INK]),
        ('Lora hashes: "x: abababababab"', Standing.BY_HASH, [INK]),
        ('Lora hashes: "ink: 111111111111"', Standing.OTHER_HASH, [INK]),
        ('Lora hashes: "tusche: "', Standing.BY_NAME, [INK]),
        ('Lora hashes: "bare: 111111111111"', Standing.BY_NAME, [BARE]),
        ('Lora hashes: "bare: 1111111111"', Standing.OTHER_HASH, [BARE]),
        ('Lora hashes: "site: 111111111111"', Standing.BY_NAME, [SITE]),
        (
            'Civitai resources: [{"type":"lora","modelVersionId":9,"modelName":"A name"}]',
            Standing.BY_HASH,
            [SITE],
        ),
        (
            'Civitai resources: [{"type":"lora","modelVersionId":99,"modelName":"A name"}]',
            Standing.MISSING,
            [],
        ),
    ],
)
def test_a_model_is_here_by_hash_else_by_name(
    parameters: str, standing: Standing, found: list[StoredFile]
) -> None:
    (answer,) = missing_models(infotext(parameters), LIBRARY)
    assert (answer.standing, answer.keys) == (standing, tuple(each.key for each in found))


def test_what_is_missing_comes_first() -> None:
    text = infotext('Model: dream, Lora hashes: "ink: 0123456789ab, gone: 111111111111"')
    assert [answer.model.name for answer in missing_models(text, LIBRARY)] == [
        "gone",
        "dream",
        "ink",
    ]


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        ("Model hash: 6e9f0e4b4c", "https://civitai.com/search/models?query=6e9f0e4b4c"),
        ("Model: a&b é", "https://civitai.com/search/models?query=a%26b+%C3%A9"),
        (
            'Civitai resources: [{"type":"lora","modelVersionId":99,"modelName":"A"}]',
            "https://civitai.com/model-versions/99",
        ),
    ],
)
def test_a_person_is_led_to_it(parameters: str, address: str) -> None:
    (answer,) = missing_models(infotext(parameters), ())
    assert answer.address == address


def test_a_title_of_the_header_is_a_name() -> None:
    """A1111 calls a LoRA by its trainer's name (`ss_output_name`)."""
    known = Known(fields=ModelFields(title="my_alias"))
    (answer,) = missing_models("<lora:my_alias:1>", [INK.model_copy(update={"known": known})])
    assert answer.keys == (INK.key,)
