"""Texts of endpoints: why one takes no jobs, and what is wrong with a new one."""

from typing import Final

# ---- why an endpoint takes no jobs


def is_creating(name: str) -> str:
    """State Creating."""
    return f"The endpoint {name} is still being created; wait until it is InService."


def is_updating(name: str) -> str:
    """State Updating."""
    return f"The endpoint {name} is being updated; wait until it is InService."


def is_system_updating(name: str) -> str:
    """State SystemUpdating."""
    return f"The endpoint {name} is being updated by AWS; wait until it is InService."


def is_rolling_back(name: str) -> str:
    """State RollingBack."""
    return f"The endpoint {name} is rolling back an update; wait until it is InService."


def is_out_of_service(name: str) -> str:
    """State OutOfService."""
    return f"The endpoint {name} is out of service; delete it and create another."


def is_deleting(name: str) -> str:
    """State Deleting."""
    return f"The endpoint {name} is being deleted; choose another."


def has_failed(name: str) -> str:
    """State Failed."""
    return f"The endpoint {name} failed; delete it and create another."


def update_has_failed(name: str) -> str:
    """State UpdateRollbackFailed."""
    return f"The endpoint {name} failed to update; delete it and create another."


def takes_no_jobs(name: str) -> str:
    """Any other state."""
    return f"The endpoint {name} takes no jobs."


# ---- a new endpoint
NAME_RULE: Final = "1-63 letters, digits and hyphens; it starts and ends with a letter or digit."


def no_such_instance_type(instance_type: str) -> str:
    """SageMaker would refuse the instance type."""
    return f"SageMaker has no instance type {instance_type}."


def instance_count(limit: int) -> str:
    """How many instances there may be."""
    return f"1 to {limit} instances."


TYPE_TWICE: Final = "Name each instance type once."


def too_many_types(most: int) -> str:
    """More than SageMaker takes."""
    return f"{most} instance types at most, the first one with them."


def other_kind_of_type(other: str, first: str) -> str:
    """A type that can't stand in for the first one."""
    return (
        f"{other} can't stand in for {first}: all must have a GPU or none, and processors of the "
        "same kind, as they run the same image."
    )


def gpu_too_old(instance_type: str, gpu: str, architecture: str, cuda: int) -> str:
    """The image's CUDA has no code for the GPU."""
    return (
        f"{instance_type} has a {gpu} ({architecture}), which CUDA {cuda} no longer supports. "
        "Choose a g4dn, g5, g6 or newer type."
    )


def driver_too_old(instance_type: str, driver: int, offered: str, needed: str) -> str:
    """The host would refuse to start the container."""
    return (
        f"The image needs CUDA {needed}, and {instance_type} would start with NVIDIA driver "
        f"{driver}, which runs CUDA {offered}. Set CONTRAPPOSTO_INFERENCE_AMI to an AMI with a "
        "newer driver, or CONTRAPPOSTO_IMAGE_CUDA to what your image is built with."
    )


def name_is_taken(name: str) -> str:
    """There is one of this name."""
    return f"There is an endpoint {name} already. Choose another name."


def is_gone(name: str) -> str:
    """There is none to delete."""
    return f"The endpoint {name} is gone already."


REAL_TIME_SCALING: Final = (
    "A real-time endpoint has no queue that could wake it: its number of instances stays. Choose "
    "an asynchronous one to scale."
)


# ---- a job for a real-time endpoint
def takes_too_long(name: str, seconds: float, limit: int) -> str:
    """What was asked for would have no answer in time."""
    return (
        f"{name} is a real-time endpoint, which answers within {limit} s, and this would take "
        f"about {seconds:.0f} s. Ask for fewer pictures, or choose an asynchronous endpoint."
    )


def request_too_large(name: str, limit: int) -> str:
    """SageMaker would refuse the request."""
    return (
        f"{name} is a real-time endpoint, which takes requests of up to {limit / 1e6:.1f} MB. "
        "Choose an asynchronous endpoint."
    )


# ---- a job for any endpoint
HELD_IN_MEMORY: Final = "and has the checkpoint in memory"
HELD_ON_DISK: Final = "and has the checkpoint on its disk"
NONE_READY: Final = "No endpoint takes jobs now. Create one, or wait until one is InService."


def routed(name: str, jobs: int, held: str) -> str:
    """Why a job went to an endpoint that has an instance."""
    state = "it is idle" if not jobs else f"it has the fewest open jobs ({jobs})"
    return f"Sent to {name}: {' '.join(filter(None, (state, held)))}."


def routed_to_zero(name: str) -> str:
    """The same of one that the job wakes."""
    return f"Sent to {name}: no endpoint has an instance, and the job wakes it."


# ---- a stopped endpoint
def no_order(name: str) -> str:
    """Somebody has started it again, or forgotten it."""
    return f"The order of {name} is not kept any more. Create the endpoint with the form."


# ---- what SageMaker was asked for
LISTING_FAILED: Final = "Listing the endpoints failed"
READING_CONFIG_FAILED: Final = "Reading the endpoint's configuration failed"
TRIAL_FAILED: Final = "Creating a model for a trial failed"
TRIAL_CLEANUP_FAILED: Final = "Deleting the model of a trial failed"


def creating_failed(name: str) -> str:
    """CreateModel, CreateEndpointConfig and CreateEndpoint."""
    return f"Creating the endpoint {name} failed"


def deleting_failed(name: str) -> str:
    """DeleteEndpoint."""
    return f"Deleting the endpoint {name} failed"


def updating_failed(name: str) -> str:
    """CreateModel, CreateEndpointConfig and UpdateEndpoint."""
    return f"Updating the endpoint {name} failed"


def describing_failed(name: str) -> str:
    """DescribeEndpoint."""
    return f"Describing the endpoint {name} failed"


def cleanup_failed(name: str) -> str:
    """What belonged to a deleted endpoint is still there."""
    return f"Cleaning up after {name} failed"
