"""Starts what need not be there at once: moto, the alarms in it, the periodic tasks.

Importing moto takes most of a second, which requests to S3 and SageMaker need not wait for.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.autoscaling.alarms import CloudWatchAlarms
from local_aws.autoscaling.scaler import Scaler
from local_aws.autoscaling.service import ApplicationAutoScaling
from local_aws.document_store import DocumentStore
from local_aws.periodic_tasks import PeriodicTasks
from local_aws.sagemaker.endpoint_runtime import EndpointResources
from local_aws.sagemaker.endpoints import EndpointManager

if TYPE_CHECKING:
    from local_aws.moto_services import MotoServices

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeferredComponents:
    """The components that need moto."""

    moto: "MotoServices"
    alarms: CloudWatchAlarms
    periodic_tasks: PeriodicTasks


@dataclass(frozen=True)
class Dependencies:
    """What the deferred components depend on."""

    documents: DocumentStore
    resources: EndpointResources
    endpoints: EndpointManager
    autoscaling: ApplicationAutoScaling
    region: str
    clock: Callable[[], float]


def start_deferred(dependencies: Dependencies) -> DeferredComponents:
    """Import and test moto, restore the alarms, start the periodic tasks.

    Raises `RuntimeError` when this version of moto lacks what is needed.
    """
    from local_aws.moto_services import MotoServices  # noqa: PLC0415 (takes most of a second)

    moto = MotoServices(dependencies.region)
    moto.self_test()
    alarms = CloudWatchAlarms(dependencies.documents, moto.cloudwatch)
    scaler = Scaler(dependencies.autoscaling, dependencies.endpoints, alarms)
    periodic_tasks = PeriodicTasks(
        dependencies.endpoints, dependencies.resources, moto, scaler, dependencies.clock
    )
    periodic_tasks.start()
    return DeferredComponents(moto, alarms, periodic_tasks)


def start_async(future: "Future[DeferredComponents]", dependencies: Dependencies) -> None:
    """Start them in a thread of its own; `future` gets the components or the error."""
    threading.Thread(target=_start_and_resolve, args=(future, dependencies), daemon=True).start()


def _start_and_resolve(future: "Future[DeferredComponents]", dependencies: Dependencies) -> None:
    try:
        future.set_result(start_deferred(dependencies))
    except Exception as error:  # the edge of a thread
        _logger.exception("event=startup_failed")
        future.set_exception(error)
