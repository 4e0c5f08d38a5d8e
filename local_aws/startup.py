"""What comes up after the door has opened: moto, the alarms in it, the heartbeat.

Importing moto takes most of a second, which S3 and SageMaker need not wait for.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.autoscaling.alarms import CloudWatchAlarms
from local_aws.autoscaling.scaler import Scaler
from local_aws.autoscaling.service import ApplicationAutoScaling
from local_aws.document_store import DocumentStore
from local_aws.periodic_tasks import Heartbeat
from local_aws.sagemaker.endpoint_runtime import EndpointResources
from local_aws.sagemaker.endpoints import EndpointManager

if TYPE_CHECKING:
    from local_aws.moto_services import MotoPlanes


@dataclass(frozen=True)
class Background:
    """The parts that stand on moto."""

    planes: "MotoPlanes"
    alarms: CloudWatchAlarms
    heartbeat: Heartbeat


@dataclass(frozen=True)
class Foreground:
    """What they need of the rest."""

    documents: DocumentStore
    resources: EndpointResources
    endpoints: EndpointManager
    autoscaling: ApplicationAutoScaling
    region: str
    clock: Callable[[], float]


def bring_up(foreground: Foreground) -> Background:
    """Import and try moto, restore the alarms, start the heartbeat.

    Raises `RuntimeError` when this moto won't do.
    """
    from local_aws.moto_services import MotoPlanes  # noqa: PLC0415 (the second that is saved)

    planes = MotoPlanes(foreground.region)
    planes.self_test()
    alarms = CloudWatchAlarms(foreground.documents, planes.cloudwatch)
    scaler = Scaler(foreground.autoscaling, foreground.endpoints, alarms)
    heartbeat = Heartbeat(
        foreground.endpoints, foreground.resources, planes, scaler, foreground.clock
    )
    heartbeat.start()
    return Background(planes, alarms, heartbeat)


def fulfil(future: "Future[Background]", foreground: Foreground) -> None:
    """Bring everything up in a thread of its own; `future` gets it, or what went wrong."""
    threading.Thread(target=_fulfil, args=(future, foreground), daemon=True).start()


def _fulfil(future: "Future[Background]", foreground: Foreground) -> None:
    try:
        future.set_result(bring_up(foreground))
    except Exception as error:  # noqa: BLE001 (whoever asks the future gets it)
        future.set_exception(error)
