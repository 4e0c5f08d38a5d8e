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
        f"{quota_url(region, code)}, or choose another type with CONTRAPPOSTO_INSTANCE_TYPE."
    )


def quota_url(region: str, code: str) -> str:
    """The page of AWS's console on which a larger quota is asked for."""
    console = f"https://{region}.console.aws.amazon.com/servicequotas/home/services"
    return f"{console}/sagemaker/quotas/{code}"


# ---- no instance
def ask_for_more(instance_type: str, url: str) -> str:
    """ResourceLimitExceeded: the quota, which an update needs twice."""
    where = f"at {url}" if url else "in AWS's console under Service Quotas, Amazon SageMaker"
    return (
        f"The account may run no more {instance_type} for endpoints: ask for a larger quota {where}"
        ", or delete an endpoint of that type."
    )


def no_capacity(types: tuple[str, ...]) -> str:
    """InsufficientInstanceCapacity: the quota is no help."""
    return (
        f"AWS has no {' and no '.join(types)} left in this region at the moment: "
        "try again later, or name other types under Else, of which AWS then takes one by itself."
    )


def not_offered(instance_type: str) -> str:
    """No region has all types."""
    return f"AWS does not offer {instance_type} for such endpoints in this region."


def take_another(alternatives: tuple[str, ...]) -> str:
    """Types that run the same images; empty where there are none."""
    if not alternatives:
        return ""
    return f"Of as much GPU memory, or more, the cheapest first: {', '.join(alternatives)}."
