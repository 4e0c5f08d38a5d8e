"""The doctor's lines on scaling: endpoints whose objects on AWS are not as ordered, leftovers."""

from datetime import UTC, datetime

from cli import texts
from core.access import LOCAL, Access, OpenPolicy
from core.aws.client import Aws
from core.aws.storage import Storage
from core.endpoints.scaling.reports import ScalingReport
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.errors import AwsError
from core.settings import Settings
from core.setup.checks import Check, advised, in_place, unknown


def scaling_checks(settings: Settings, aws: Aws) -> tuple[Check, ...]:
    """One for each endpoint whose instances follow its jobs, and one for what is left over."""
    access = Access(OpenPolicy())
    storage = Storage(aws, settings.bucket)
    endpoints = Endpoints(aws, storage, settings, access, _now)
    scaling = EndpointScaling(aws, endpoints, settings, access, _now)
    try:
        reports, leftovers = scaling.reports(LOCAL), scaling.leftovers()
    except AwsError as error:
        return (unknown(texts.SCALING, str(error)),)
    left = (advised(texts.LEFTOVERS, texts.leftover(one.endpoint)) for one in leftovers)
    return (*(_check(report) for report in reports.values()), *left)


def _check(report: ScalingReport) -> Check:
    name = texts.scaling_of(report.endpoint)
    if report.is_pending:
        return advised(name, texts.SCALING_PENDING)
    if report.findings:
        wrong = [texts.finding(one.what, one.problem, one.detail) for one in report.findings]
        return advised(name, texts.repair_scaling(wrong))
    return in_place(name, texts.AS_ORDERED)


def _now() -> datetime:
    return datetime.now(UTC)
