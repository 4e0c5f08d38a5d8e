"""How the product makes each call of AWS, and what must hold after it: the rows of a table."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

from core.access import LOCAL, Access, OpenPolicy
from core.aws.client import Aws
from core.aws.end_notifications import EndNotifications, Message
from core.aws.storage import Storage
from core.endpoints.costs.prices import Prices
from core.endpoints.costs.scaling_history import scaling_steps_or_none
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday
from core.endpoints.service import Endpoints
from core.ids import created_at, new_id
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.sender import Sender
from core.jobs.store.dynamodb import DynamoJobStore
from core.models.uploads.plan import UploadFile
from core.models.uploads.resumable_transfer import Uploader
from core.records.sqlite import SqliteRecordStore
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.setup.quota import check_quota
from core.setup.service import Setup
from core.studio import utc_now
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.faulty_aws import FaultyAws
from tests.support.set_up_account import IMAGE, ROLE

BUCKET: Final = "my-team-bucket"
KNOWN: Final = "known"
"""An object that is there."""

TYPE: Final = "ml.g4dn.xlarge"

_OFFICE: Final = ScalingSpec(
    maximum=2,
    hours=OfficeHours(
        days=(Weekday.MONDAY,), start=time(8), end=time(18), timezone="Europe/Berlin"
    ),
)
_ALWAYS: Final = ScalingSpec(minimum=1)
"""One instance at any time, for which AWS needs neither policies nor actions."""


class _NoWait(Event):
    """Ends every wait at once, as if it were over."""

    def wait(self, _timeout: float | None = None) -> bool:
        return self.is_set()


@dataclass
class Product:
    """The parts of core that call AWS, upon an account that is in place."""

    account: FaultyAws
    aws: Aws
    folder: Path

    def __post_init__(self) -> None:
        self.storage = Storage(self.aws, BUCKET)
        self.store = DynamoJobStore(self.aws, "jobs")

    def settings(self, **changes: str) -> Settings:
        return Settings(
            backend=Backend.AWS,
            data=self.folder,
            bucket=BUCKET,
            table="jobs",
            endpoint_role=ROLE,
            image=IMAGE,
            instance_type=TYPE,
            team="animation",
        ).model_copy(update=changes)

    def endpoints(self) -> Endpoints:
        """As after a start: nothing is remembered."""
        return Endpoints(self.aws, self.storage, self.settings(), Access(OpenPolicy()), utc_now)

    def scaling(self) -> EndpointScaling:
        """As after a start, likewise."""
        access = Access(OpenPolicy())
        return EndpointScaling(self.aws, self.endpoints(), self.settings(), access, utc_now)

    def notifications(self, name: str = "") -> EndNotifications:
        """The topic and the queue of a name, or those of the settings."""
        return EndNotifications(self.aws, self.settings(events_topic=name, events_queue=name))

    def set_up(self, bucket: str = BUCKET, **changes: str) -> Setup:
        storage = Storage(self.aws, bucket, for_pages=True)
        return Setup(self.aws, storage, self.settings(bucket=bucket, **changes))

    def problems(self) -> str:
        """What the set-up's checks say of what is not in place."""
        return " ".join(check.detail for check in self.set_up().checks() if not check.ok)

    def job(self, job_id: str, state: JobState = JobState.CANCELLED) -> Job:
        return Job(
            id=job_id,
            owner="ann",
            endpoint="team",
            state=state,
            created_at=created_at(job_id),
            updated_at=utc_now(),
            mode=Mode.TXT2IMG,
            checkpoint="a",
            prompt="",
        )

    def send(self) -> str:
        """Send a new job. Returns why it failed; empty while it may be in the queue."""
        job = self.job(new_id(), JobState.QUEUED)
        self.store.add(job)
        sender = Sender(self.aws, self.storage, self.store, utc_now, 600, _NoWait())
        request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
        sender.send("team", request, ())
        sender._pool.shutdown(wait=True)  # closing would end the waits
        sent = self.store.get(job.id)
        assert sent
        assert (sent.state is JobState.QUEUED) is (sent.failure is None) is bool(sent.sent_at)
        return sent.failure.message if sent.failure else ""

    def upload(self, name: str) -> None:
        path = self.folder / name
        if not path.exists():
            path.write_bytes(os.urandom(64))
        file = UploadFile(path=path, kind=ModelKind.VAE, name=name, size=64)
        Uploader(self.aws, self.storage).upload(file, "ann", lambda _: None, Event())

    def is_uploaded(self, name: str) -> bool:
        stored = self.storage.find(model_key(ModelKind.VAE, name))
        return stored is not None and stored.data == (self.folder / name).read_bytes()

    def read_prices(self) -> str:
        """Read AWS's price list. Returns why it could not be."""
        records = SqliteRecordStore(self.folder / f"{new_id()}.sqlite")
        prices = Prices(self.aws, records, self.settings(), utc_now)
        prices.load()
        records.close()
        return prices.problem

    def has_endpoint(self, name: str) -> bool:
        return self.endpoints().find(LOCAL, name.lower()) is not None


Act = Callable[[Product, str], object]


def _nothing(_product: Product, _name: str) -> None:
    """What a call of reading needs and leaves."""


class Row(NamedTuple):
    """One call: `act` makes it, with a name of its own, raises or returns what a user is told."""

    act: Act
    prepare: Act = _nothing
    holds: Callable[[Product, str], bool] | None = None
    """Whether what was asked for is done; None for a call that only reads."""
    is_logged: bool = False
    """Whether it may fail without a word but in the log: nothing is lost with it."""


def _delete_endpoint(product: Product, name: str) -> None:
    product.endpoints().delete(LOCAL, name.lower())


def _make_endpoint(product: Product, name: str) -> None:
    product.endpoints().create(LOCAL, name.lower(), TYPE, 1)


def _create_bucket(product: Product, name: str) -> None:
    product.set_up(bucket=name.lower()).create_bucket()


def _has_rules(product: Product, name: str) -> bool:
    checks = product.set_up(bucket=name.lower()).checks()
    tags = product.aws.s3.get_bucket_tagging(Bucket=name.lower())["TagSet"]
    is_tagged = [tag["Value"] for tag in tags] == ["animation"]
    return is_tagged and all(check.ok for check in checks if name.lower() in check.name)


def _create_table(product: Product, name: str) -> None:
    product.set_up(table=name).perform(SetupAction.CREATE_TABLE)


def _has_table(product: Product, name: str) -> bool:
    return all(check.ok for check in product.set_up(table=name).checks() if name in check.name)


def _order(product: Product, name: str, spec: ScalingSpec) -> None:
    product.scaling().order(LOCAL, name.lower(), spec)


def _make_scaled(product: Product, name: str) -> None:
    _make_endpoint(product, name)
    _order(product, name, _OFFICE)


def _read_scaling(product: Product, _name: str) -> None:
    product.scaling().reports(LOCAL)


def _is_scaled(product: Product, name: str) -> bool:
    """Whether AWS has what was ordered, no more and no less."""
    report = product.scaling().reports(LOCAL)[name.lower()]
    return not (report.findings or report.problem or report.is_pending)


def _stop(product: Product, name: str) -> None:
    product.scaling().stop(LOCAL, name.lower())


def _is_stopped(product: Product, name: str) -> bool:
    found = product.endpoints().find(LOCAL, name.lower())
    return found is not None and found.desired == 0


def _leave_scaling(product: Product, name: str) -> None:
    """Somebody deletes the endpoint without this software."""
    _make_scaled(product, name)
    product.aws.sagemaker.delete_endpoint(EndpointName=name.lower())


def _clean(product: Product, name: str) -> None:
    product.scaling().clean(LOCAL, name.lower())


def _has_no_target(product: Product, name: str) -> bool:
    """moto keeps a target's policies, which AWS deletes with it."""
    found = product.aws.autoscaling().describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[names_of(name.lower()).resource]
    )
    return not found["ScalableTargets"]


def _check_quota(product: Product, _name: str) -> str:
    check = check_quota(TYPE, product.aws.service_quotas())
    return "" if check.ok else check.detail


def _create_events(product: Product, name: str) -> None:
    set_up = product.set_up(events_topic=name, events_queue=name)
    set_up.perform(SetupAction.CREATE_EVENTS)


def _has_events(product: Product, name: str) -> bool:
    """Whether the queue has what is sent to the topic."""
    channel = product.notifications(name).find()
    told = '{"inferenceId": "1"}'
    product.aws.notifications("sns").publish(TopicArn=channel.topic_arn, Message=told)
    return bool(product.notifications(name).receive(channel))


def _send_message(product: Product, name: str) -> None:
    _create_events(product, name)
    url = product.notifications(name).find().queue_url
    product.aws.notifications("sqs").send_message(QueueUrl=url, MessageBody="{}")


def _receive(product: Product, name: str) -> tuple[Message, ...]:
    notifications = product.notifications(name)
    return notifications.receive(notifications.find())


def _receive_message(product: Product, name: str) -> None:
    assert _receive(product, name)


def _take_message(product: Product, name: str) -> None:
    _send_message(product, name)
    (message,) = _receive(product, name)
    (product.folder / name).write_text(message.receipt, "utf-8")


def _delete_message(product: Product, name: str) -> None:
    notifications = product.notifications(name)
    taken = Message(receipt=(product.folder / name).read_text("utf-8"), ended=None)
    notifications.delete(notifications.find(), (taken,))


def _has_no_message(product: Product, name: str) -> bool:
    url = product.notifications(name).find().queue_url
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = product.aws.notifications("sqs")
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return set(counts.values()) == {"0"}


_CHECKS: Final = Row(lambda product, _name: product.problems())
_UPLOAD: Final = Row(Product.upload, holds=Product.is_uploaded)
_NEW_ENDPOINT: Final = Row(_make_endpoint, holds=Product.has_endpoint)
_OLD_ENDPOINT: Final = Row(
    _delete_endpoint,
    prepare=_make_endpoint,
    holds=lambda product, name: not product.has_endpoint(name),
)
_NEW_BUCKET: Final = Row(_create_bucket, holds=_has_rules)
_NEW_TABLE: Final = Row(_create_table, holds=_has_table)
_NEW_EVENTS: Final = Row(_create_events, holds=_has_events)
_SCALING_READ: Final = Row(_read_scaling, prepare=_make_scaled)
_MORE_SCALING: Final = Row(
    lambda product, name: _order(product, name, _OFFICE), prepare=_make_endpoint, holds=_is_scaled
)
_LESS_SCALING: Final = Row(
    lambda product, name: _order(product, name, _ALWAYS), prepare=_make_scaled, holds=_is_scaled
)

ROWS: Final[dict[str, Row]] = {
    # S3
    "put_object": Row(
        lambda product, name: product.storage.write(name, b"x", "text/plain"),
        holds=lambda product, name: product.storage.read(name).data == b"x",
    ),
    "get_object": Row(lambda product, _name: product.storage.read(KNOWN) and None),
    "head_object": Row(lambda product, _name: product.storage.head(KNOWN) and None),
    "list_objects_v2": Row(lambda product, _name: product.storage.list(KNOWN) and None),
    "delete_objects": Row(
        lambda product, name: product.storage.delete((name,)),
        prepare=lambda product, name: product.storage.write(name, b"x", "text/plain"),
        holds=lambda product, name: product.storage.head(name) is None,
    ),
    "head_bucket": Row(lambda product, _name: not product.storage.exists()),
    "create_multipart_upload": _UPLOAD,
    "upload_part": _UPLOAD,
    "list_parts": _UPLOAD,
    "complete_multipart_upload": _UPLOAD,
    "abort_multipart_upload": _CHECKS,
    "create_bucket": _NEW_BUCKET,
    "put_public_access_block": _NEW_BUCKET,
    "put_bucket_lifecycle_configuration": _NEW_BUCKET,
    "get_public_access_block": _CHECKS,
    "get_bucket_lifecycle_configuration": _CHECKS,
    "get_bucket_tagging": _NEW_BUCKET,
    "put_bucket_tagging": _NEW_BUCKET,
    # SageMaker
    "list_endpoints": Row(lambda product, _name: product.endpoints().list(LOCAL) and None),
    "describe_endpoint": _OLD_ENDPOINT,
    "describe_endpoint_config": _OLD_ENDPOINT,
    "list_tags": _OLD_ENDPOINT,
    "create_model": _NEW_ENDPOINT,
    "create_endpoint_config": _NEW_ENDPOINT,
    "create_endpoint": _NEW_ENDPOINT,
    "delete_endpoint": _OLD_ENDPOINT,
    "delete_endpoint_config": _OLD_ENDPOINT._replace(is_logged=True),
    "delete_model": _OLD_ENDPOINT._replace(is_logged=True),
    "invoke_endpoint_async": Row(lambda product, _name: product.send(), is_logged=True),
    "add_tags": _MORE_SCALING,
    "update_endpoint_weights_and_capacities": Row(_stop, prepare=_make_scaled, holds=_is_stopped),
    # Application Auto Scaling and CloudWatch
    "describe_scalable_targets": _SCALING_READ,
    "describe_scaling_policies": _SCALING_READ,
    "describe_scheduled_actions": _SCALING_READ,
    "describe_alarms": _SCALING_READ,
    "get_metric_data": _SCALING_READ,
    "register_scalable_target": _MORE_SCALING,
    "put_scaling_policy": _MORE_SCALING,
    "put_scheduled_action": _MORE_SCALING,
    "put_metric_alarm": _MORE_SCALING,
    "delete_scaling_policy": _LESS_SCALING,
    "delete_scheduled_action": _LESS_SCALING,
    "delete_alarms": _LESS_SCALING,
    "deregister_scalable_target": Row(_clean, prepare=_leave_scaling, holds=_has_no_target),
    "describe_scaling_activities": Row(
        lambda product, name: scaling_steps_or_none(product.aws, name), is_logged=True
    ),
    # SNS and SQS
    "get_queue_url": _CHECKS,
    "get_queue_attributes": _CHECKS,
    "get_topic_attributes": _CHECKS,
    "create_queue": _NEW_EVENTS,
    "set_queue_attributes": _NEW_EVENTS,
    "create_topic": _NEW_EVENTS,
    "subscribe": _NEW_EVENTS,
    "receive_message": Row(_receive_message, prepare=_send_message),
    "delete_message_batch": Row(_delete_message, prepare=_take_message, holds=_has_no_message),
    # DynamoDB
    "get_item": Row(lambda product, _name: product.store.get(new_id())),
    "query": Row(lambda product, _name: not product.store.page(JobFilter())),
    "put_item": Row(
        lambda product, name: product.store.add(product.job(name)) and None,
        holds=lambda product, name: product.store.get(name) is not None,
    ),
    "delete_item": Row(
        lambda product, name: product.store.delete(name) and None,
        prepare=lambda product, name: product.store.add(product.job(name)),
        holds=lambda product, name: product.store.get(name) is None,
    ),
    "describe_table": _CHECKS,
    "create_table": _NEW_TABLE,
    # the set-up's others
    "get_caller_identity": _CHECKS,
    "get_role": _CHECKS,
    "batch_get_image": _CHECKS,
    "get_download_url_for_layer": _CHECKS,
    "list_service_quotas": Row(_check_quota),
    # prices
    "get_products": Row(lambda product, _name: product.read_prices()),
}
