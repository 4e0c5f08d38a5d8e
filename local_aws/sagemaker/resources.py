"""What all endpoints share."""

from dataclasses import dataclass
from pathlib import Path

from local_aws.sagemaker.instances.instance_directory import ContainerFactory
from local_aws.sagemaker.invocations.delivery import InvocationDelivery
from local_aws.sagemaker.invocations.queue import InvocationQueue


@dataclass(frozen=True)
class Workshop:
    """What every endpoint needs: how containers are started, where, the queue, the deliveries."""

    builder: ContainerFactory
    folder: Path
    queue: InvocationQueue
    delivery: InvocationDelivery
