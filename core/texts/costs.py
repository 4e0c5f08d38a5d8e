"""Texts of costs: where a price is from, what can't be read, and why an endpoint was stopped."""

from typing import Final

# ---- prices
PRICE_LIST_OF_AWS: Final = "AWS price list"
SET_BY_HAND: Final = "set by hand"
THIS_MACHINE: Final = "this machine"
READING_PRICES_FAILED: Final = "Reading AWS's price list failed"


def no_prices(region: str) -> str:
    """AWS answers, with no price."""
    return f"AWS's price list has no prices of hosting instances in {region}."


def price_file_is_missing(path: str, reason: str) -> str:
    """CONTRAPPOSTO_PRICE_FILE can't be opened."""
    return f"CONTRAPPOSTO_PRICE_FILE can't be read: {reason}. Is {path} the right path?"


def price_file_is_wrong(path: str, where: str, reason: str) -> str:
    """It is not what such a file must be."""
    return (
        f"CONTRAPPOSTO_PRICE_FILE can't be used: {path} at {where or 'its top'}: {reason}. "
        "Compare it with core/endpoints/costs/prices.json."
    )
