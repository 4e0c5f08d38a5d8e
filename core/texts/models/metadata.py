"""Texts of what is known about model files: side-cars, Civitai's permissions, trainers' notes."""

from collections.abc import Iterable
from typing import Final

# ---- a side-car
NO_SIDE_CAR: Final = (
    "This is no side-car that is known here: give a .civitai.info, .swarm.json, .cm-info.json, "
    ".metadata.json, or the .json of A1111 or SD.Next."
)
NO_JSON: Final = "The side-car is no JSON, or damaged; download it again."
NO_FIELDS: Final = "The side-car says nothing that is kept here about a model."


def side_car_too_large(limit: int) -> str:
    """More bytes than any program writes into one."""
    return f"The side-car has more than {limit // 2**20} MiB; those of other programs are smaller."


# ---- a licence of Civitai, by its permissions
CREDIT: Final = "credit the maker"
NO_DERIVATIVES: Final = "no merges"
SAME_LICENCE: Final = "merges keep these permissions"
NO_COMMERCIAL_USE: Final = "no commercial use"
_USES: Final = {
    "Image": "selling images",
    "RentCivit": "generation on Civitai",
    "Rent": "generation services",
    "Sell": "selling the model",
}


def civitai_permissions(conditions: Iterable[str], uses: Iterable[str]) -> str:
    """`Civitai: credit the maker; commercial use: selling images`."""
    known = [_USES[use] for use in uses if use in _USES]
    commercial = f"commercial use: {', '.join(known)}" if known else NO_COMMERCIAL_USE
    return f"Civitai: {'; '.join((*conditions, commercial))}"


# ---- a file's header
def network(module: str, dim: str, alpha: str) -> str:
    """What kohya's trainer says of a LoRA's network."""
    parts = (module, dim and f"dim {dim}", alpha and f"alpha {alpha}")
    return f"Network: {', '.join(part for part in parts if part)}"
