import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from demo import evaluate, restore, train
from demo.evaluation.pipelines import PipelineRunner, write_configs
from demo.training import networks, weights
from demo.training.settings import TINY, TrainingRun
from demo.training.tokens import VOCABULARY, clip_tokenizer
from demo.training.vae_stage import fold, unfold
from formats.models.detection import classify
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import read_header


@pytest.fixture(scope="module")
def runner(
    trained: TrainingRun, exported: Path, tmp_path_factory: pytest.TempPathFactory
) -> PipelineRunner:
    configs = write_configs(trained.settings, tmp_path_factory.mktemp("configs"))
    made = PipelineRunner(
        exported, configs, clip_tokenizer(trained.vocabulary), torch.device("cpu")
    )
    made.load_checkpoint("toon-v1.safetensors")
    return made


def test_the_manifest_names_every_file(exported: Path) -> None:
    listed = json.loads((exported / "manifest.json").read_text())["models"]
    assert sorted(e["name"] for e in listed) == sorted(
        p.name for p in exported.glob("*.safetensors")
    )
    for entry in listed:
        assert (exported / entry["name"]).stat().st_size == entry["bytes"]
        with (exported / entry["name"]).open("rb") as file:
            found = classify(read_header(file, entry["bytes"]))
        assert found.kind is ModelKind(entry["kind"])
        assert found.family is Family.SD1


def test_the_single_file_holds_what_was_trained(
    trained: TrainingRun, runner: PipelineRunner
) -> None:
    toon = weights.load(trained.folder, "toon")
    loaded = runner.pipe.unet.state_dict()
    assert all(torch.equal(loaded[k], v) for k, v in weights.part(toon, "unet.").items())
    vae = runner.pipe.vae.state_dict()
    assert all(torch.equal(vae[k], v) for k, v in weights.load(trained.folder, "vae").items())
    table = runner.pipe.text_encoder.get_input_embeddings().weight
    assert table.shape == (VOCABULARY, TINY.text_width)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_all_files_draw_together(exported: Path, runner: PipelineRunner) -> None:
    options = {"width": 64, "height": 64, "num_inference_steps": 2}
    plain = runner.generate(["a cute dog"], **options)
    assert torch.equal(plain, runner.generate(["a cute dog"], **options))
    runner.load_controlnet("control_openpose-toon.safetensors")
    steered = runner.generate(["a cute dog"], torch.ones(1, 3, 64, 64), **options)
    with runner.lora("neon.safetensors"):
        changed = runner.generate(["a cute dog"], **options)
    assert torch.equal(plain, runner.generate(["a cute dog"], **options))
    runner.pipe.load_textual_inversion(str(exported / "biscuit.safetensors"), token="biscuit")
    named = runner.generate(["biscuit"], **options)
    runner.pipe.unload_textual_inversion()
    for image in (steered, changed, named):
        assert image.isfinite().all()
        assert not torch.equal(image, plain)


def test_latents_have_the_deviation_that_sd1_expects(trained: TrainingRun) -> None:
    latents = torch.load(trained.folder / "latents-main.pt").float()
    assert latents.std((0, 2, 3)).sub(1).abs().max() < 0.05
    assert latents.mean((0, 2, 3)).abs().max() < 0.05


def test_folding_the_scale_keeps_the_pictures() -> None:
    torch.manual_seed(0)
    net, x = networks.vae(TINY), torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = net.decode(net.encode(x).latent_dist.mode()).sample
        fold(net, net.encode(x).latent_dist.mode())
        folded = net.encode(x).latent_dist.mode()
        assert folded.std((0, 2, 3)) == pytest.approx(torch.full((4,), 1 / networks.SCALING), 1e-3)
        torch.testing.assert_close(net.decode(folded).sample, before, atol=1e-4, rtol=1e-3)
        unfold(net)
        assert net.encode(x).latent_dist.mode().std() == pytest.approx(1, abs=0.05)
        again = net.decode(net.encode(x).latent_dist.mode()).sample
        torch.testing.assert_close(again, before, atol=1e-4, rtol=1e-3)


def test_shipped_files_go_back_to_weights(
    trained: TrainingRun, exported: Path, tmp_path: Path
) -> None:
    assert restore.restore(exported, tmp_path, TINY) == ["toon", "ink", "control", "judge"]
    ours, back = weights.load(trained.folder, "toon"), weights.load(tmp_path, "toon")
    table = "text.embeddings.token_embedding.weight"
    assert all(torch.equal(back[k], v) for k, v in ours.items() if k != table)
    known = len(ours[table]) - TINY.embedding_vectors
    assert torch.equal(back[table][:known], ours[table][:known])


def test_weights_travel_in_small_shards(tmp_path: Path) -> None:
    big = {str(i): torch.zeros(3_000_000) for i in range(4)}
    weights.save(tmp_path, "big", big)
    paths = sorted(tmp_path.glob("big-*"))
    assert len(paths) == 2
    assert all(path.stat().st_size < 16 << 20 for path in paths)
    assert weights.load(tmp_path, "big").keys() == big.keys()


def test_a_run_that_keeps_a_stage_needs_its_weights(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no weights"):
        train.main(["--out", str(tmp_path / "new"), "--only", "control", "--preset", "tiny"])


def test_a_stage_resumes_from_earlier_weights(trained: TrainingRun, tmp_path: Path) -> None:
    run = TrainingRun.begin(tmp_path, 0, trained.vocabulary, "tiny")
    for path in trained.folder.glob("square.*.npy"):
        (tmp_path / path.name).symlink_to(path)
    run.mark("pool")
    assert (
        train.main(["--out", str(tmp_path), "--resume", str(trained.folder), "--stage", "vae"]) == 0
    )
    before, after = weights.load(trained.folder, "vae"), weights.load(tmp_path, "vae")
    assert after["decoder.conv_out.bias"].sub(before["decoder.conv_out.bias"]).abs().max() < 0.05


def test_the_evaluation_writes_its_figures(
    trained: TrainingRun, exported: Path, tmp_path: Path
) -> None:
    arguments = ["--run", str(trained.folder), "--models", str(exported), "--out", str(tmp_path)]
    assert evaluate.main([*arguments, "--size", "0.01", "--parts", "autoencoder"]) == 0
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert 0 < figures["autoencoder"]["psnr"] < 40
    assert (tmp_path / "autoencoder.webp").exists()


def test_files_say_what_they_are(exported: Path) -> None:
    with safe_open(exported / "biscuit.safetensors", "pt") as file:
        about = file.metadata()
    assert about["modelspec.trigger_phrase"] == "biscuit"
    assert about["modelspec.license"] == "Apache-2.0"
