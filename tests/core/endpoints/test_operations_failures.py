"""What goes wrong with endpoints in practice, and what the studio does about each of it.

The numbers are those of a list of 28 failures, collected from public reports; each row names some
of them. What a row does not show itself is shown by the test that it names.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from core.aws.client import Aws, Connection
from core.aws.error_table import from_client
from core.endpoints.capacity.instance_choice import InstanceChoice
from core.endpoints.capacity.quotas import AccountQuotas
from core.endpoints.costs.enforcement import reached
from core.endpoints.costs.limits import EndpointLimits, StopReason
from core.endpoints.gpu_hosts import check_gpu
from core.endpoints.lifecycle.failure_reasons import advice_on
from core.endpoints.lifecycle.state_times import is_late
from core.endpoints.lifecycle.update_record import DeployedVersion, UpdateOutcome, UpdateRecord
from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.scaling.account import ScalingObjects
from core.endpoints.scaling.findings import findings
from core.endpoints.scaling.objects import idle_alarm_arguments
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.spec import EndpointSpec, config_arguments, update_arguments
from core.endpoints.status import Endpoint, EndpointStatus
from core.errors import InvalidInput
from core.ids import created_at, new_id
from core.jobs.following.reaper import JobObservation, Reaper
from core.jobs.records import Job, JobState
from core.records.sqlite import SqliteRecordStore
from core.settings import Backend, Settings
from core.texts import lifecycle as core_texts
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from local_aws.sagemaker.instances.container import ContainerResponse
from local_aws.sagemaker.invocations.response_limits import refused
from tests.support.helpers import ROOT
from ui.texts import lifecycle as texts

NOW: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
SETTINGS: Final = Settings(backend=Backend.AWS)
SPEC: Final = EndpointSpec(name="team", instance_type="ml.g5.xlarge", instances=1, owner="ann")


def aws() -> Aws:
    return Aws(Connection(url="http://127.0.0.1:9", region="eu-west-1"))


def endpoint(status: EndpointStatus = EndpointStatus.IN_SERVICE, **changes: Any) -> Endpoint:
    return Endpoint(
        name="team",
        status=status,
        instance_type="ml.g5.xlarge",
        instances=1,
        desired=1,
        created_at=NOW,
        changed_at=NOW,
    ).model_copy(update=changes)


def refusal(check: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as caught:
        check()
    return str(caught.value)


def old_driver() -> str:
    settings = SETTINGS.model_copy(update={"inference_ami": ""})
    return refusal(lambda: check_gpu("ml.g5.xlarge", settings))


def chunked_answer() -> str:
    return refused(ContainerResponse(200, {}, b"{}")) or ""


def large_headers() -> str:
    headers = {"content-length": "2", "x-large": "x" * 4096}
    return refused(ContainerResponse(200, headers, b"{}")) or ""


def large_real_time_job() -> str:
    request = GenerationRequest(id=new_id(), checkpoint="a.safetensors", prompt="a dog", seed=1)
    large = request.model_copy(update={"prompt": "x" * 7_000_000})
    real_time = endpoint(is_asynchronous=False)
    with TemporaryDirectory() as folder:
        records = SqliteRecordStore(Path(folder) / "records.sqlite")
        said = refusal(lambda: RealTimeLimits(records, SETTINGS).check(real_time, [large]))
        records.close()
    return said


def lost_job(state: JobState, **seen: Any) -> str:
    job_id = new_id()
    job = Job(
        id=job_id,
        owner="ann",
        endpoint="team",
        state=state,
        created_at=created_at(job_id),
        updated_at=NOW,
        sent_at=NOW - timedelta(hours=7),
        mode=Mode.TXT2IMG,
        checkpoint="a",
        prompt="",
    )
    observation = JobObservation(since=NOW - timedelta(minutes=9), looked_at=NOW, **seen)
    lost = Reaper(SETTINGS, lambda _: endpoint()).loss_reason(job, observation, NOW)
    return lost.message if lost else ""


def never_wakes() -> str:
    found = findings("team", ScalingSpec(), ScalingObjects(endpoint="team"), NOW)
    return " ".join(f"{one.what} {one.problem}" for one in found)


def order_of_update() -> str:
    return str(update_arguments(SPEC, is_counted=False))


def idle_tail() -> str:
    return str(idle_alarm_arguments("team", ScalingSpec(idle_minutes=5), "arn"))


def stuck_in_creating() -> str:
    creating = endpoint(EndpointStatus.CREATING, changed_at=NOW - timedelta(minutes=16))
    assert is_late(creating, NOW, embedded=False)
    return f"{texts.LATE[creating.status]} {texts.waits_for_deletion('')}"


def next_step(words: str) -> str:
    quotas = AccountQuotas(aws(), SETTINGS, lambda: NOW)
    choice = InstanceChoice(quotas, SETTINGS, lambda _: None)
    return choice.next_step("ml.g5.xlarge", words)


def volume() -> str:
    """A size where there is no local disk, none where there is."""
    sizes = [
        config_arguments(SPEC.model_copy(update={"instance_type": kind}), SETTINGS)[
            "ProductionVariants"
        ][0].get("VolumeSizeInGB")
        for kind in ("ml.g5.xlarge", "ml.m5.large")
    ]
    return str(sizes)


def used_up_budget() -> str:
    reason = reached(EndpointLimits(monthly_budget=5), 5.01, NOW)
    assert reason is StopReason.BUDGET
    return reason


def silent_rollback() -> str:
    old = DeployedVersion(
        config_name="team",
        models=("team",),
        instance_type="ml.g5.xlarge",
        image="a/b:1",
        instances=1,
    )
    wanted = old.model_copy(update={"config_name": "team-u1", "instance_type": "ml.g6.xlarge"})
    return texts.update(
        UpdateRecord(
            asked_by="ann",
            asked_at=NOW,
            created_at=NOW,
            old=old,
            wanted=wanted,
            outcome=UpdateOutcome.ROLLED_BACK,
        )
    )


def told(code: str, message: str = "No.", status: int = 400) -> str:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return str(from_client("Listing the endpoints failed", ClientError(response, "ListEndpoints")))


def tries_of_an_invocation() -> str:
    config: Any = aws().runtime.meta.config
    return str(config.retries["total_max_attempts"])


def inference_components() -> str:
    return str("ModelName" in config_arguments(SPEC, SETTINGS)["ProductionVariants"][0])


def stack() -> str:
    template = (ROOT / "deploy/template.yaml").read_text("utf-8")
    return str([kind for kind in ("AWS::Lambda", "AWS::CloudFormation::Stack") if kind in template])


REACTIONS: Final[dict[tuple[int, str], tuple[Callable[[], str], str]]] = {
    (1, "driver older than the image's CUDA"): (old_driver, "newer driver"),
    (2, "chunked answer"): (chunked_answer, "Content-Length"),
    (3, "large headers"): (large_headers, "4096 bytes"),
    (4, "limits of a real-time call"): (large_real_time_job, "up to 6.3 MB"),
    (5, "expired in the queue"): (lambda: lost_job(JobState.QUEUED), "6.0 hours"),
    (6, "never wakes"): (never_wakes, "missing"),
    (7, "update resets the count"): (order_of_update, "'RetainAllVariantProperties': True"),
    (8, "idle cost tail"): (idle_tail, "'EvaluationPeriods': 5"),
    (9, "stuck in Creating"): (stuck_in_creating, "as soon as AWS lets it"),
    (10, "undeletable"): (lambda: texts.LATE[EndpointStatus.DELETING], "inference component"),
    (11, "quota"): (lambda: next_step("ResourceLimitExceeded"), "larger quota"),
    (12, "no capacity"): (lambda: next_step("InsufficientInstanceCapacity"), "try again later"),
    (13, "ping health check"): (
        lambda: advice_on("did not pass the ping health check."),
        core_texts.READ_THE_LOG,
    ),
    (15, "image of another region"): (
        lambda: advice_on("Cross region ECR image pulls are not allowed"),
        core_texts.CHECK_THE_IMAGE,
    ),
    (16, "bucket of another region"): (
        lambda: advice_on("Failed to download model data from bucket"),
        core_texts.CHECK_THE_BUCKET,
    ),
    (17, "KMS"): (
        lambda: advice_on("AccessDenied: not authorized to perform kms:Decrypt"),
        core_texts.CHECK_THE_KEY,
    ),
    (18, "VPC without a way out"): (
        lambda: advice_on("No free addresses in the subnet"),
        core_texts.CHECK_THE_VPC,
    ),
    (19, "volume refused"): (volume, "[None, 64]"),
    (19, "disk full"): (lambda: advice_on("No space left on device"), core_texts.DISK_IS_FULL),
    (20, "no status of a job"): (
        lambda: lost_job(JobState.RUNNING, heartbeat_at=NOW - timedelta(minutes=2)),
        "120",
    ),
    (21, "forgotten endpoint"): (used_up_budget, "budget"),
    (22, "silent rollback"): (silent_rollback, "still runs ml.g5.xlarge (b:1, team), wanted was"),
    (23, "throttled"): (lambda: told("ThrottlingException"), "wait a minute"),
    (23, "throttled without words"): (lambda: told("400", "", 429), "wait a minute"),
    (24, "an invocation is sent twice"): (tries_of_an_invocation, "1"),
    (25, "inference components"): (inference_components, "True"),
    (26, "type not offered"): (
        lambda: next_step("The instance type ml.g5.xlarge is not supported in this region"),
        "does not offer ml.g5.xlarge",
    ),
    (27, "Lambda image of a nested stack"): (stack, "[]"),
    (28, "expired credentials"): (lambda: told("ExpiredToken"), "renew the credentials"),
}

SHOWN_ELSEWHERE: Final = {
    14: (
        "tests/container/process/test_sagemaker_contract.py",
        "/ping is 200 once the worker is there",
    ),
}
"""What only the container meets."""


def test_each_of_the_28_has_a_row() -> None:
    assert {number for number, _ in REACTIONS} | SHOWN_ELSEWHERE.keys() == set(range(1, 29))
    assert all((ROOT / path).is_file() for path, _ in SHOWN_ELSEWHERE.values())


@pytest.mark.parametrize("failure", REACTIONS, ids=lambda row: f"{row[0]} {row[1]}")
def test_the_studio_reacts(failure: tuple[int, str]) -> None:
    reaction, words = REACTIONS[failure]
    assert words in reaction()
