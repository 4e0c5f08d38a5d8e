"""Textual inversions in each of their forms, by name in a prompt."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from formats.models.kinds import ModelKind
from tests.container.conftest import Bits, Container, Store
from tests.support.helpers import CONTAINER

FIRST = "tiny-embedding.safetensors"
XL = "tiny-embedding-xl.safetensors"
_OLD = """
import sys, torch
vectors = torch.nn.Parameter(torch.linspace(-2, 2, 128).reshape(2, 64))
torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": vectors}, "name": "x",
            "step": 500, "sd_checkpoint": None, "sd_checkpoint_name": None}, sys.argv[1])
"""
"""What A1111's own training writes."""


@pytest.fixture(scope="module", autouse=True)
def marker(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stores a `.pt` that PyTorch wrote, and bad ones; returns the file that running one makes."""
    folder = tmp_path_factory.mktemp("old")
    path, made = folder / "old-embedding.pt", folder / "made"
    subprocess.run([CONTAINER[0], "-c", _OLD, str(path)], check=True, timeout=120)
    store.put_model(path)
    store.put("models/embeddings/broken-embedding.pt", b"no pickle")
    program = f"cos\nsystem\n(S'touch {made}'\ntR.".encode()
    store.put("models/embeddings/evil-embedding.pt", program)
    return made


@pytest.mark.parametrize(
    "name", [FIRST, "tiny-embedding-diffusers.safetensors", "old-embedding.pt"]
)
def test_an_embedding_by_its_name(container: Container, bits: Bits, name: str) -> None:
    word = Path(name).stem
    fields = {"prompt": f"a dog in the style of {word.upper()}", "embeddings": [name]}
    generated, without = container.generate(**fields), container.generate(prompt=fields["prompt"])
    assert bits(generated) != bits(without)
    used = [model for model in generated.models if model.kind is ModelKind.EMBEDDING]
    assert [model.name for model in used] == [name]
    assert f'TI hashes: "{word}: {used[0].sha256[:12]}"' in generated.pictures[0].infotext
    assert "TI hashes" not in without.pictures[0].infotext


def test_only_what_a_prompt_names_was_applied(container: Container, bits: Bits) -> None:
    plain = container.generate()
    offered = container.generate(embeddings=[FIRST])
    assert bits(offered) == bits(plain)
    assert [model.kind for model in offered.models] == [ModelKind.CHECKPOINT]


def test_it_counts_its_vectors_and_works_in_the_negative_prompt(
    container: Container, bits: Bits
) -> None:
    generated = container.generate(negative_prompt="(tiny-embedding:1.2)", embeddings=[FIRST])
    assert bits(generated) != bits(container.generate(negative_prompt="(tiny-embedding:1.2)"))
    assert container.generate(prompt="dog tiny-embedding", embeddings=[FIRST]).tokens == 3


def test_sdxl_has_one_for_each_of_its_text_encoders(container: Container, bits: Bits) -> None:
    fields = {"checkpoint": "tiny-xl.safetensors", "prompt": "tiny-embedding-xl", "steps": 1}
    assert bits(container.generate(**fields, embeddings=[XL])) != bits(container.generate(**fields))


@pytest.mark.parametrize(
    ("fields", "code", "word"),
    [
        ({"embeddings": [XL]}, (400, "model_mismatch"), "made for SDXL"),
        (
            {"embeddings": [FIRST], "checkpoint": "tiny-xl.safetensors"},
            (400, "model_mismatch"),
            "64 wide",
        ),
        ({"embeddings": ["none.pt"]}, (404, "model_missing"), "none.pt"),
        ({"embeddings": ["broken-embedding.pt"]}, (400, "model_broken"), "no textual inversion"),
    ],
)
def test_one_that_does_not_fit(
    container: Container, fields: dict[str, Any], code: tuple[int, str], word: str
) -> None:
    answer = container.post(**fields)
    assert (answer.status_code, answer.json()["code"]) == code
    assert answer.json()["field"] == "embeddings"
    assert word in answer.json()["message"]


def test_a_program_in_a_pt_file_is_not_run(container: Container, marker: Path) -> None:
    assert container.post(embeddings=["evil-embedding.pt"]).json()["code"] == "model_broken"
    assert not marker.exists()
