"""Texts of the account's quotas."""

from typing import Final

QUOTA_CHECK_FAILED: Final = "Reading the account's quotas failed"


def quota(instance_type: str) -> str:
    """The check of an instance type's quota."""
    return f"Quota of {instance_type}"


def quota_of(instances: int) -> str:
    """So many instances may run."""
    return f"{instances} for endpoints"


def no_quota(instance_type: str) -> str:
    """AWS has none of that name."""
    return (
        f"AWS lists no quota of {instance_type} for endpoints in this region: the type may not be "
        "offered here. Choose another with CONTRAPPOSTO_INSTANCE_TYPE."
    )


def quota_is_zero(instance_type: str, region: str, code: str) -> str:
    """No instance may run."""
    return (
        f"the account may run no {instance_type} for endpoints. Ask for more at "
        f"https://{region}.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas/"
        f"{code}, or choose another type with CONTRAPPOSTO_INSTANCE_TYPE."
    )
