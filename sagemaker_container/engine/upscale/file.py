"""Loads an upscaler's file, safetensors or `.pth`, in any of the ESRGAN family's key layouts."""

import pickle
import re
from collections.abc import Mapping
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from formats.generation.result import ErrorCode
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile, file_error, is_safetensors
from sagemaker_container.engine.upscale.networks import CompactNet, RrdbNet, State
from sagemaker_container.errors import JobError
from sagemaker_container.texts import models as texts

UpscalerNet = RrdbNet | CompactNet

_WRAPPERS: Final = ("params_ema", "params", "state_dict")
"""Keys of the tensors in a `.pth`, by trainer; the first one that exists is used."""
_LAYERS: Final = {
    "conv_first": "first",
    "conv_last": "last",
    "conv_body": "trunk",
    "trunk_conv": "trunk",
    "conv_hr": "high",
    "HRconv": "high",
    **{
        f"{name}{number}": f"ups.{number - 1}"
        for name in ("conv_up", "upconv")
        for number in (1, 2, 3)
    },
}
"""Real-ESRGAN's layers and those of ESRGAN's later files, and their names in `networks`."""
_BLOCK: Final = re.compile(
    r"(?:body|RRDB_trunk|model\.1\.sub)\.(\d+)\.(?:rdb|RDB)([123])\.conv([1-5])(?:\.0)?"
)
_OLD_TRUNK: Final = re.compile(r"model\.1\.sub\.\d+")
_OLD_LAYER: Final = re.compile(r"model\.(\d+)")


def read_upscaler(file: WeightsFile, device: Device) -> UpscalerNet:
    """The network of a file, on the device.

    A `.pth` is read as tensors only: code in it is not run.
    Raises JobError(MODEL_BROKEN, UNSUPPORTED) naming the file.
    """
    try:
        state = _rename_layers(_load_tensors(file))
        with torch.device("meta"):  # what the shapes promise takes no memory before it is there
            net = CompactNet(state) if "body.0.weight" in state else RrdbNet(state)
        net.load_state_dict(dict(state), assign=True)
    except (SafetensorError, pickle.UnpicklingError, EOFError) as error:
        raise file.broken_error(texts.UNREADABLE) from error
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise _unsupported_error(file) from error
    net.requires_grad_(False).eval()
    net.to(device.torch_device, device.vae_dtype)
    return net


def _unsupported_error(file: WeightsFile) -> JobError:
    return file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, texts.NO_UPSCALER)


def _load_tensors(file: WeightsFile) -> Mapping[str, Any]:
    """Raises ValueError for a file that holds something else."""
    if is_safetensors(file.name):
        return load_file(file.path)
    # Opened here, because torch goes by a path's extension, which is the same for all files.
    with file.path.open("rb") as data:
        found = torch.load(data, map_location="cpu", weights_only=True)
    for wrapper in _WRAPPERS:
        if isinstance(found, Mapping) and wrapper in found:
            found = found[wrapper]
    if not isinstance(found, Mapping):
        raise ValueError("not a table of tensors")
    return found


def _rename_layers(tensors: Mapping[str, Any]) -> State:
    """The tensors in float32, by their names in `networks`."""
    state = {str(name).removeprefix("module."): tensor for name, tensor in tensors.items()}
    if not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
        raise ValueError("not a table of tensors")
    if "body.0.weight" not in state:
        layers = _LAYERS | _old_layers(state)
        state = {_new_name(name, layers): tensor for name, tensor in state.items()}
    return {name: tensor.float() for name, tensor in state.items()}


def _old_layers(state: State) -> dict[str, str]:
    """ESRGAN's first files number their layers; the last two are the same in each."""
    matches = (_OLD_LAYER.match(name) for name in state)
    found = {int(match[1]) for match in matches if match} - {0, 1}
    if len(found) < 2:
        return {}
    *ups, high, last = sorted(found)
    layers = {"model.0": "first", f"model.{high}": "high", f"model.{last}": "last"}
    return layers | {f"model.{position}": f"ups.{number}" for number, position in enumerate(ups)}


def _new_name(name: str, layers: Mapping[str, str]) -> str:
    """A tensor's new name. Raises KeyError if the family has no such tensor."""
    layer, _, kind = name.rpartition(".")
    if found := _BLOCK.fullmatch(layer):
        block, dense, conv = found.groups()
        return f"blocks.{block}.dense.{int(dense) - 1}.conv{conv}.{kind}"
    return f"{'trunk' if _OLD_TRUNK.fullmatch(layer) else layers[layer]}.{kind}"
