"""Runs CLIP's text encoders, on a GPU as captured graphs: a prompt's work is too small for it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sagemaker_container.fast.graphs import GraphCache


class TextEncoderGraphs:
    """The graphs of one text encoder, by the number of chunks."""

    def __init__(self) -> None:
        self._graphs = GraphCache()

    def run(self, model: Any, ids: Tensor) -> tuple[Sequence[Tensor], Tensor | None]:
        """The hidden states of all layers, each chunks x 77 x width, and the projected end tokens,
        chunks x width, of an encoder that has them.

        `ids` is chunks x 77. On CUDA what is returned is valid until the next graph of any network
        is replayed. Nothing may be hooked into the model.
        """
        has_pooled = hasattr(model, "text_projection")

        def forward(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
            output = model(tensors[0], output_hidden_states=True)
            return [*output.hidden_states, *([output.text_embeds] if has_pooled else [])]

        with torch.no_grad():
            found = self._graphs.run(forward, [ids])
        return (found[:-1], found[-1]) if has_pooled else (found, None)
