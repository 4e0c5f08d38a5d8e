"""Trains the small extras on the finished base: the neon LoRA, and Biscuit's embedding."""

import time
from pathlib import Path

import torch
from torch import Tensor

from demo.painting.mascot import START_WORDS
from demo.training import lora, networks, weights
from demo.training.base_stage import load_pair
from demo.training.diffusion import LatentDataset, NoiseSchedule, choose_captions, noise_loss
from demo.training.settings import TrainingRun
from demo.training.tokens import CompactVocabulary, load_words
from demo.training.training_loop import DEVICE, StagePlan, fit, mixed_precision, set_up_device


class FrozenBase:
    """The base, without gradients; too short a stage to be worth compiling."""

    def __init__(self, run: TrainingRun) -> None:
        self.words: CompactVocabulary = load_words(run.vocabulary, run.settings.embedding_vectors)
        self.unet = networks.unet(run.settings).to(DEVICE, memory_format=torch.channels_last)
        self.text = networks.text_encoder(run.settings, self.words.rows).to(DEVICE)
        load_pair(self.unet, self.text, run.folder, "toon")
        self.unet.requires_grad_(False)
        self.text.requires_grad_(False)
        self.empty = torch.from_numpy(self.words.encode([""])).long().to(DEVICE)
        self.schedule = NoiseSchedule.sd1()

    def loss(self, source: LatentDataset, batch: int, captions: tuple[float, float]) -> Tensor:
        """The noise loss on a batch; `captions` as in `choose`."""
        sample = source.sample(batch)
        words = choose_captions(sample.words, captions, self.empty)

        def predict(noisy: Tensor, steps: Tensor) -> Tensor:
            with mixed_precision():
                context = self.text(words)[0]
                predicted: Tensor = self.unet(noisy, steps, context, return_dict=False)[0]
                return predicted

        return noise_loss(self.schedule, sample.latents, predict)


def train(run: TrainingRun, _resume: Path | None) -> None:
    """The stage: writes and marks `lora` and `embedding`."""
    set_up_device(5)
    run.wait("toon")
    _train_lora(run)
    _train_embedding(run)


def _train_lora(run: TrainingRun) -> None:
    base, source = FrozenBase(run), LatentDataset.open(run, "neon")
    adapters = lora.attach(base.unet, base.text, run.settings.lora_rank)
    for adapter in adapters.values():
        adapter.to(DEVICE)
    params = [param for adapter in adapters.values() for param in adapter.parameters()]
    batch = run.settings.adapter_batch

    def loss(_step: int, _progress: float) -> Tensor:
        return base.loss(source, batch, (0.72, 0.18))

    fit(run, StagePlan("lora", 2e-3, batch, 0.995), params, loss)
    weights.save(run.folder, "lora", lora.tensors(adapters))
    run.mark("lora")


def _train_embedding(run: TrainingRun) -> None:
    base, source = FrozenBase(run), LatentDataset.open(run, "mascot")
    table = base.text.get_input_embeddings().weight
    rows = base.words.placeholder
    vectors = torch.nn.Parameter(table[_start_rows(base.words, len(rows))].detach().clone())
    batch = run.settings.adapter_batch

    def swap(_module: object, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        for i, row in enumerate(rows):
            output = torch.where((inputs[0] == row)[..., None], vectors[i], output)
        return output

    base.text.get_input_embeddings().register_forward_hook(swap)
    fit(
        run,
        StagePlan("embedding", 5e-3, batch, 0.99),
        [vectors],
        lambda _step, _progress: base.loss(source, batch, (0.5, 0.5)),
    )
    weights.save(run.folder, "embedding", {"emb_params": vectors})
    run.mark("embedding")
    run.log("embedding", finished=time.time())


def _start_rows(words: CompactVocabulary, count: int) -> list[int]:
    rows = words.encode([" ".join(START_WORDS[:count])])[0]
    return [int(row) for row in rows[1 : count + 1]]
