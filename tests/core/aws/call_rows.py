"""How the product makes each call of AWS, and what must hold after it: the rows of a table."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple

from core.aws.client import Aws
from core.aws.end_notifications import EndNotifications
from core.aws.storage import Storage
from core.endpoints.costs.prices import Prices
from core.endpoints.lifecycle.container_log import ContainerLog
from core.endpoints.lifecycle.orphans import Orphans
from core.endpoints.lifecycle.update import EndpointUpdate
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.ids import created_at, new_id, utc_now
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.sending.claims import Claims
from core.jobs.sending.sender import Sender
from core.jobs.store.dynamodb import DynamoJobStore
from core.models.service import ModelLibrary
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import Multipart
from core.models.uploads.planning.roots import ANYWHERE
from core.models.uploads.records import Upload
from core.models.uploads.sending.local_file import LocalFiles
from core.models.uploads.sending.object_reader import ObjectReader
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sending.verification import Verification
from core.models.uploads.sources import PathSource, S3Source
from core.records.sqlite import SqliteRecordStore
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.setup.quota import check_quota
from core.setup.service import Setup
from core.setup.table import tables
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from core.texts import setup as texts
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
            public_url="https://studio.example.com",
        ).model_copy(update=changes)

    def endpoints(self) -> Endpoints:
        """As after a start: nothing is remembered."""
        return Endpoints(self.aws, self.storage, self.settings(), Access(allow_all), utc_now)

    def scaling(self) -> EndpointScaling:
        """As after a start, likewise."""
        access = Access(allow_all)
        return EndpointScaling(self.aws, self.endpoints(), self.settings(), access, utc_now)

    def notifications(self, name: str = "") -> EndNotifications:
        """The topic and the queue of a name, or those of the settings."""
        return EndNotifications(self.aws, self.settings(events_topic=name, events_queue=name))

    def updates(self) -> EndpointUpdate:
        """As after a start."""
        return EndpointUpdate(
            self.settings(),
            self.endpoints(),
            self.scaling(),
            SqliteRecordStore(self.folder / "records.sqlite"),
            Access(allow_all),
            utc_now,
        )

    def orphans(self) -> Orphans:
        """As after a start."""
        return Orphans(self.aws, self.endpoints(), Access(allow_all), utc_now)

    def set_up(self, bucket: str = BUCKET, **changes: str) -> Setup:
        storage = Storage(self.aws, bucket, for_pages=True)
        settings = self.settings(bucket=bucket, **changes)
        return Setup(self.aws, storage, settings, Access(allow_all))

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

    def send(self, *, is_asynchronous: bool = True) -> str:
        """Send a new job. Returns why it failed; empty while it may be in the queue."""
        job = self.job(new_id(), JobState.QUEUED)
        self.store.add(job)
        claims = Claims(self.store, utc_now, "me", lambda _job: None)
        sender = Sender(self.aws, self.storage, claims, 600, _NoWait())
        request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
        assert sender.store(job, request, ())
        sender.hand_over(job, is_asynchronous=is_asynchronous).result()
        sent = self.store.get(job.id)
        assert sent
        assert (sent.state is JobState.QUEUED) is (sent.failure is None) is bool(sent.sent_at)
        return sent.failure.message if sent.failure else ""

    def upload(self, name: str) -> None:
        path = self.folder / name
        if not path.exists():
            path.write_bytes(os.urandom(64))
        source = PathSource(path=path, modified=path.stat().st_mtime)
        now = utc_now()
        upload = Upload(
            id=new_id(),
            owner="ann",
            source=source,
            name=name,
            kind=ModelKind.VAE,
            size=64,
            created=now,
            changed=now,
        )
        self.files().send(LiveUpload(upload, lambda _upload, _changes: None, lambda: 0.0), source)

    def files(self) -> LocalFiles:
        """What sends model files by their paths."""
        records = SqliteRecordStore(self.folder / "records.sqlite")
        library = ModelLibrary(self.storage, records, Access(allow_all), utc_now)
        targets = UploadTargets(
            Multipart(self.aws, self.storage), self.storage, ObjectReader(self.aws), library
        )
        return LocalFiles(targets, ANYWHERE, Verification(targets))

    def list_parts(self, name: str) -> None:
        """The parts of an upload that was just begun."""
        parts = Multipart(self.aws, self.storage)
        assert parts.parts(name, parts.open(name, {})) == {}

    def copy_known(self, name: str) -> None:
        """Copy the known object by parts."""
        parts = Multipart(self.aws, self.storage)
        head = self.storage.head(KNOWN)
        assert head
        source = S3Source(bucket=BUCKET, key=KNOWN, etag=head.etag, modified=utc_now())
        upload = parts.open(name, {})
        part = parts.copy(name, upload, 1, source, 0, head.size)
        parts.complete(name, upload, [part], replace=True)

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


def make_endpoint(product: Product, name: str) -> None:
    product.endpoints().create(LOCAL, name.lower(), TYPE, 1)


def _make_log(product: Product, _name: str) -> None:
    """A line of the endpoint that is there; SageMaker makes the log group."""
    logs, group = product.aws.client_for_pages("logs"), "/aws/sagemaker/Endpoints/team"
    names = {"logGroupName": group, "logStreamName": "main/1"}
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(**names)
        event = {"timestamp": int(utc_now().timestamp() * 1000), "message": "ready"}
        logs.put_log_events(**names, logEvents=[event])


def _read_job_log(product: Product, _name: str) -> None:
    log = ContainerLog(product.aws, product.endpoints())
    log.lines_of_job("team", new_id(), utc_now(), utc_now())


def _read_log(product: Product, _name: str) -> None:
    ContainerLog(product.aws, product.endpoints()).last_lines(LOCAL, "team")


def _create_bucket(product: Product, name: str) -> None:
    product.set_up(bucket=name.lower()).create_bucket()


def _has_rules(product: Product, name: str) -> bool:
    checks = product.set_up(bucket=name.lower()).checks()
    tags = product.aws.s3.get_bucket_tagging(Bucket=name.lower())["TagSet"]
    is_tagged = [tag["Value"] for tag in tags] == ["animation"]
    return is_tagged and all(check.ok for check in checks if name.lower() in check.name)


def _create_table(product: Product, name: str) -> None:
    product.set_up(table=name).perform(LOCAL, SetupAction.CREATE_TABLE)


def _make_older_table(product: Product, name: str) -> None:
    """A table that lacks one index that a newer version asks by."""
    (table, _records) = tables(product.settings(table=name))
    *there, _lacking = table.indexes.values()
    keys = [table.definition, *there]
    used = {part["AttributeName"] for each in keys for part in each["KeySchema"]}
    definition: Any = {
        **table.definition,
        "GlobalSecondaryIndexes": there,
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in sorted(used)],
    }
    product.aws.dynamodb().create_table(**definition)


def _add_index(product: Product, name: str) -> None:
    product.set_up(table=name).perform(LOCAL, SetupAction.ADD_INDEX)


def _has_table(product: Product, name: str) -> bool:
    checks = {check.name: check for check in product.set_up(table=name).checks()}
    return all(checks[text(name)].ok for text in (texts.table, texts.table_use))


def _check_quota(product: Product, _name: str) -> str:
    check = check_quota(TYPE, product.aws.service_quotas())
    return "" if check.ok else check.detail


CHECKS: Final = Row(lambda product, _name: product.problems())
_UPLOAD: Final = Row(Product.upload, holds=Product.is_uploaded)
_NEW_ENDPOINT: Final = Row(make_endpoint, holds=Product.has_endpoint)
_OLD_ENDPOINT: Final = Row(
    _delete_endpoint,
    prepare=make_endpoint,
    holds=lambda product, name: not product.has_endpoint(name),
)
_NEW_BUCKET: Final = Row(_create_bucket, holds=_has_rules)
_NEW_TABLE: Final = Row(_create_table, holds=_has_table)

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
    "list_parts": Row(Product.list_parts),
    "complete_multipart_upload": _UPLOAD,
    "abort_multipart_upload": CHECKS,
    "list_multipart_uploads": Row(
        lambda product, _name: Multipart(product.aws, product.storage).pending("models/") and None
    ),
    "upload_part_copy": Row(
        Product.copy_known, holds=lambda p, name: p.storage.read(name).data == b"x"
    ),
    "create_bucket": _NEW_BUCKET,
    "put_public_access_block": _NEW_BUCKET,
    "put_bucket_lifecycle_configuration": _NEW_BUCKET,
    "get_public_access_block": CHECKS,
    "get_bucket_lifecycle_configuration": CHECKS,
    "get_bucket_cors": CHECKS,
    "put_bucket_cors": _NEW_BUCKET,
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
    "invoke_endpoint": Row(
        lambda product, _name: product.send(is_asynchronous=False), is_logged=True
    ),
    "invoke_endpoint_async": Row(lambda product, _name: product.send(), is_logged=True),
    # DynamoDB
    "get_item": Row(lambda product, _name: product.store.get(new_id())),
    "batch_get_item": Row(lambda product, _name: product.store.get_many((new_id(),)) and None),
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
    "describe_table": CHECKS,
    "update_table": Row(_add_index, prepare=_make_older_table, holds=_has_table),
    "create_table": _NEW_TABLE,
    # what else is known of an account
    # which moto has not; that it holds is tried with the embedded AWS
    "update_endpoint": Row(
        lambda product, name: product.updates().ask(LOCAL, name.lower(), "ml.g4dn.2xlarge"),
        prepare=make_endpoint,
    ),
    "list_models": Row(lambda product, _name: product.orphans().list() and None),
    "list_endpoint_configs": Row(lambda product, _name: product.orphans().list() and None),
    "describe_log_streams": Row(_read_log, prepare=_make_log),
    "get_log_events": Row(_read_log, prepare=_make_log),
    "filter_log_events": Row(_read_job_log, prepare=_make_log),
    # the set-up's others
    "get_caller_identity": CHECKS,
    "get_role": CHECKS,
    "batch_get_image": CHECKS,
    "get_download_url_for_layer": CHECKS,
    "list_service_quotas": Row(_check_quota),
    # prices
    "get_products": Row(lambda product, _name: product.read_prices()),
}
