"""The doctor's checks of endpoints: the GPU hosts of new ones, and the scaling of all."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cli import texts
from core.aws.client import Aws
from core.aws.storage import Storage
from core.endpoints.gpu_hosts import check_gpu, describe_host
from core.endpoints.scaling.reports import ScalingReport
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.errors import AwsError, InvalidInput
from core.settings import Settings
from core.setup.checks import Check, advised, failed, in_place, not_checked
from core.team.access import Access, allow_all
from core.team.users import LOCAL


def check_host(settings: Settings) -> Iterator[Check]:
    """Whether the image can run on the instances that a new endpoint gets; none without a GPU."""
    name = texts.gpu_host(settings.instance_type)
    host = describe_host(settings.instance_type, settings)
    try:
        check_gpu(settings.instance_type, settings)
    except InvalidInput as error:
        yield failed(name, str(error))
    else:
        if host:
            yield in_place(name, texts.gpu_host_is(host.gpu, host.driver, host.cuda, host.ami))


def open_scaling(settings: Settings, aws: Aws) -> EndpointScaling:
    """The scaling of the studio's endpoints."""
    access, storage = Access(allow_all), Storage(aws, settings.bucket)
    endpoints = Endpoints(aws, storage, settings, access, _now)
    return EndpointScaling(aws, endpoints, settings, access, _now)


def check_scaling(scaling: EndpointScaling) -> Iterator[Check]:
    """Whether each endpoint has the scaling objects that were ordered with it."""
    try:
        reports, leftovers = scaling.reports(LOCAL, refresh=True), scaling.leftovers()
    except AwsError as error:
        yield not_checked(texts.SCALING, error, "application-autoscaling:DescribeScalingPolicies")
        return
    for report in reports.values():
        name = texts.scaling_of(report.endpoint)
        if report.is_pending:
            yield advised(name, texts.SCALING_PENDING)
        elif report.findings:
            yield advised(name, texts.findings(_what(report)))
        else:
            yield in_place(name, texts.AS_ORDERED)
    for leftover in leftovers:
        yield advised(texts.LEFTOVERS, texts.leftover(leftover.endpoint))


def repair_scaling(scaling: EndpointScaling) -> None:
    """Make the objects of every endpoint what was ordered. Raises AwsError."""
    for report in scaling.reports(LOCAL, refresh=True).values():
        if report.findings:
            scaling.repair(LOCAL, report.endpoint)


def _what(report: ScalingReport) -> list[str]:
    return [texts.finding(each.what, each.problem, each.detail) for each in report.findings]


def _now() -> datetime:
    return datetime.now(UTC)
