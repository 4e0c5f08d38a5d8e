"""A job uses what it names and nothing else, and its result says so."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from formats import keys
from formats.models.kinds import ModelKind
from formats.openpose.pose_map import draw
from local_aws.launcher import LocalAws
from poses.preset_poses import default_pose
from tests.container.conftest import CONTROL, LORA, Bits, Container, Store, ready

STRIPPED = "tiny-control-stripped.safetensors"
OTHER_LORA = "other-lora.safetensors"


def stored_map(store: Store, job_id: str) -> Image.Image:
    return Image.open(io.BytesIO(store.get(keys.map_key(job_id, 0))))


def test_a_file_replaced_under_its_name_is_used(
    container: Container, bits: Bits, store: Store, models: Path
) -> None:
    key, seen = keys.model_key(ModelKind.CHECKPOINT, "replaced.safetensors"), []
    for version in ("tiny-noise-v1", "tiny-noise-v2"):
        data = (models / f"{version}.safetensors").read_bytes()
        store.put(key, data)
        generated = container.generate(checkpoint="replaced.safetensors")
        assert generated.models[0].sha256 == hashlib.sha256(data).hexdigest()
        assert bits(generated) == bits(container.generate(checkpoint=f"{version}.safetensors"))
        seen.append(bits(generated))
    assert seen[0] != seen[1]


def test_several_loras_add_up(container: Container, bits: Bits, store: Store, models: Path) -> None:
    store.put_model(models / "tiny-style-lora-partial.safetensors", OTHER_LORA)
    one, other = {"name": LORA, "weight": 0.8}, {"name": OTHER_LORA, "weight": -0.8}
    both, half = container.generate(loras=[one, other]), container.generate(loras=[one])
    assert [m.weight for m in both.models[1:]] == [0.8, -0.8]
    assert bits(both) != bits(half)
    # The two files change the same layers by the same amounts, so these take each other back.
    plain = store.image(container.generate().id)
    apart = np.asarray(store.image(both.id), dtype=int) - np.asarray(plain, dtype=int)
    assert abs(apart).max() <= 2


def test_a_finished_skeleton_is_its_own_map(container: Container, store: Store) -> None:
    skeleton = draw(default_pose())
    unit = {"model": CONTROL, "image": store.put_image(skeleton), "preprocessor": "openpose"}
    generated = container.generate(
        controlnets=[unit], width=skeleton.width, height=skeleton.height, steps=1
    )
    assert np.array_equal(np.asarray(stored_map(store, generated.id)), np.asarray(skeleton))


def test_invert_is_the_negative(container: Container, store: Store, pose: str) -> None:
    maps = [
        np.asarray(stored_map(store, container.generate(controlnets=[unit], steps=1).id), dtype=int)
        for way in ("none", "invert (from white bg & black line)")
        for unit in [{"model": CONTROL, "image": pose, "preprocessor": way}]
    ]
    assert abs(maps[0] - (255 - maps[1])).max() <= 1  # what a resize rounds


@pytest.mark.parametrize(
    "change",
    [{"start": 0.5}, {"end": 0.5}, {"weight": 0.4}, {"resize_mode": "Just resize"}],
)
def test_each_setting_of_a_unit_counts(
    container: Container, bits: Bits, store: Store, change: dict[str, Any]
) -> None:
    wide = Image.new("RGB", (128, 64))
    wide.paste((255, 85, 0), (10, 20, 100, 40))
    unit = {"model": CONTROL, "image": store.put_image(wide)}
    assert bits(container.generate(controlnets=[unit])) != bits(
        container.generate(controlnets=[{**unit, **change}])
    )


def test_four_units_work_together(container: Container, bits: Bits, pose: str) -> None:
    units = [{"model": name, "image": pose} for name in (CONTROL, STRIPPED) * 2]
    seen = [bits(container.generate(controlnets=units[:count])) for count in range(1, 5)]
    assert len(set(seen)) == 4


@pytest.mark.slow
def test_a_small_memory_cache_changes_no_image(
    aws: LocalAws, store: Store, bits: Bits, tmp_path: Path
) -> None:
    """No checkpoint stays for longer than its job."""
    with ready(aws, tmp_path, CONTRAPPOSTO_MEMORY_CACHE_GB="0.001") as own:
        names = ["tiny-noise-v1.safetensors", "tiny-noise-v2.safetensors"] * 2
        generated = [own.generate(checkpoint=name, steps=2) for name in names]
        assert {m.tier for result in generated for m in result.models} <= {"S3", "disk"}
    assert bits(generated[0]) == bits(generated[2]) != bits(generated[1]) == bits(generated[3])
