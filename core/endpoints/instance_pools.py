"""Several instance types in order of preference, for where AWS has none of the first left.

An endpoint's instance type is one, or several joined by `+`: `ml.g5.xlarge+ml.g6.xlarge`. Source:
"Deploy to multiple instance types with instance pools" of the SageMaker AI developer guide; pools
replace InstanceType, and take asynchronous and real-time endpoints.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.endpoints.gpu_hosts import check_gpu, is_gpu
from core.errors import InvalidInput
from core.settings import Settings
from core.texts import endpoints as texts
from formats.instance_hosts import architecture_of, has_local_disks, types_of

MAX_TYPES: Final = 5
"""SageMaker's InstancePools takes so many."""

_PROVISION_SECONDS: Final = 1800
"""For all pools together: AWS takes up to half an hour to say that it has none of a type."""


def joined(types: Iterable[str]) -> str:
    """The instance type of an endpoint that takes the first of these that AWS has."""
    return "+".join(types)


def check_pool(instance_type: str, settings: Settings) -> None:
    """Raise InvalidInput at the field where the others can't stand in for the first type: one image
    and one configuration must do for all."""
    first, *others = types = types_of(instance_type)
    check_gpu(first, settings)
    if len(set(types)) < len(types):
        raise InvalidInput(texts.TYPE_TWICE, "other_types")
    if len(types) > MAX_TYPES:
        raise InvalidInput(texts.too_many_types(MAX_TYPES), "other_types")
    for other in others:
        if is_gpu(other) != is_gpu(first) or architecture_of(other) != architecture_of(first):
            raise InvalidInput(texts.other_kind_of_type(other, first), "other_types")
        try:
            check_gpu(other, settings)
        except InvalidInput as error:
            raise InvalidInput(str(error), "other_types") from error


def pool_arguments(instance_type: str) -> dict[str, Any]:
    """What of a ProductionVariant says on which instances it runs."""
    types = types_of(instance_type)
    if len(types) == 1:
        return {"InstanceType": instance_type}
    pools = [{"InstanceType": kind, "Priority": place} for place, kind in enumerate(types, 1)]
    return {
        "InstancePools": pools,
        "VariantInstanceProvisionTimeoutInSeconds": _PROVISION_SECONDS,
    }


def takes_volume(instance_type: str) -> bool:
    """Whether VolumeSizeInGB may be set: AWS refuses it for a type that has disks of its own."""
    return not any(map(has_local_disks, types_of(instance_type)))


def instance_type_of(variant: Mapping[str, Any]) -> str:
    """The instance type of a described ProductionVariant; empty for one without instances."""
    pools = sorted(variant.get("InstancePools", ()), key=lambda pool: int(pool["Priority"]))
    return joined(pool["InstanceType"] for pool in pools) or str(variant.get("InstanceType", ""))
