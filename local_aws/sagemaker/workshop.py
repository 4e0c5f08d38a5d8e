"""What all endpoints share."""

from dataclasses import dataclass
from pathlib import Path

from local_aws.sagemaker.delivery import Delivery
from local_aws.sagemaker.invocations import InvocationQueue
from local_aws.sagemaker.site import Builder


@dataclass(frozen=True)
class Workshop:
    """What every endpoint needs: how containers are started, where, the queue, the deliveries."""

    builder: Builder
    folder: Path
    queue: InvocationQueue
    delivery: Delivery
