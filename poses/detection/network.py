"""Runs one of the shipped TensorFlow Lite networks on the CPU."""

from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

FOLDER: Final = Path(__file__).parents[1] / "models"
_THREADS: Final = 2

Array: TypeAlias = NDArray[Any]


class Network:
    """A network and its buffers. Calls from several threads wait for one another."""

    def __init__(self, file_name: str) -> None:
        self._interpreter = Interpreter(str(FOLDER / file_name), num_threads=_THREADS)
        self._interpreter.allocate_tensors()
        entry: dict[str, Any] = self._interpreter.get_input_details()[0]
        self._input: int = entry["index"]
        self.side = int(entry["shape"][1])
        """Pixels of the square image it takes."""
        details: list[dict[str, Any]] = self._interpreter.get_output_details()
        self._outputs: list[int] = [output["index"] for output in details]
        self._lock = Lock()

    def __call__(self, image: Array) -> list[Array]:
        """The outputs for one image (side, side, 3), in the range the network was trained on."""
        with self._lock:
            self._interpreter.set_tensor(self._input, image[None])
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index) for index in self._outputs]


def sigmoid(logits: Array) -> Array:
    """Logits as shares of 0 to 1."""
    shares: Array = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    return shares
