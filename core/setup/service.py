"""Checks the set-up of an account, and creates what is missing only when told to."""

from collections.abc import Callable
from functools import partial
from typing import Final, assert_never

from core.aws.client import Aws
from core.aws.end_notifications import EndNotifications
from core.aws.storage import Storage
from core.settings import Settings
from core.setup.account import Account
from core.setup.bucket import BucketSetup
from core.setup.checks import Check, SetupAction, failed, unknown
from core.setup.concurrent_checks import WAIT, ConcurrentChecks, Wait
from core.setup.events import check_events
from core.setup.image import check_image
from core.setup.new_endpoints import check_new_endpoints
from core.setup.role import check_role
from core.setup.table import add_index, check_table, create_table, tables
from core.setup.table_probe import check_table_use
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import setup as texts

SET_UP: Final = Item(kind=Kind.TEAM)
"""What is created in the account is the whole team's, and it pays for it."""


class Setup:
    """The set-up of an account; its checks leave nothing behind, and answer within seconds."""

    def __init__(self, aws: Aws, storage: Storage, settings: Settings, access: Access) -> None:
        self._aws = aws
        self._access = access
        self._settings = settings
        self._bucket = BucketSetup(aws, storage)
        self._notifications = EndNotifications(aws, settings)
        self.was_usable = False
        """Whether the checks once found all that jobs need."""
        self.origins = settings.origins
        """Of the pages that send model files to the bucket; the dashboard adds its own."""

    def checks(self) -> tuple[Check, ...]:
        """Everything that must be in place; embedded only the bucket counts."""
        found = self._checks()
        self.was_usable = self.was_usable or not any(check.blocks for check in found)
        return found

    def perform(self, user: User, action: SetupAction) -> None:
        """Do what a check names; again is harmless. Raises NotAllowed, AwsError."""
        with self._access.acting(user, Action.CHANGE, SET_UP, action, AuditEvent.SET_UP):
            self._perform(action)

    def _perform(self, action: SetupAction) -> None:
        match action:
            case SetupAction.CREATE_BUCKET:
                self.create_bucket()
            case SetupAction.CLOSE_BUCKET:
                self._bucket.rules.close_to_public()
            case SetupAction.SET_LIFECYCLE:
                self._bucket.rules.set_lifecycle()
            case SetupAction.SET_CORS:
                self._bucket.rules.set_cors(self.origins)
            case SetupAction.CREATE_TABLE | SetupAction.CREATE_RECORDS_TABLE:
                self._create_tables(action)
            case SetupAction.ADD_INDEX:
                for table in tables(self._settings):
                    add_index(table, self._aws.dynamodb(for_pages=True))
            case SetupAction.CREATE_EVENTS:
                self._notifications.create()
            case _:
                assert_never(action)

    def create_bucket(self) -> None:
        """Create the bucket and set its rules. Raises AwsError."""
        settings = self._settings
        team = "" if settings.embedded else settings.team
        self._bucket.create(
            is_public_access_blocked=not settings.embedded,
            team=team,
            origins=() if settings.embedded else self.origins,
        )

    def create_tables(self) -> None:
        """Create the tables of jobs and records. Raises AwsError."""
        self._create_tables(SetupAction.CREATE_TABLE, SetupAction.CREATE_RECORDS_TABLE)

    def _create_tables(self, *actions: SetupAction) -> None:
        for table in tables(self._settings):
            if table.action in actions:
                create_table(table, self._aws.dynamodb(for_pages=True), self._settings.team)

    def _checks(self) -> tuple[Check, ...]:
        if self._settings.embedded:
            return (self._bucket.existence(),)
        if not self._aws.has_region:
            return (failed(texts.REGION, texts.SET_REGION),)
        begun = ConcurrentChecks()
        account = Account(self._aws.client_for_pages("sts"), self._aws.region)
        is_asked = begun.begin(_late(texts.CREDENTIALS, is_needed=False), account.check)
        self._begin_bucket(begun)
        self._begin_tables(begun)
        self._begin_events(begun)
        self._begin_endpoints(begun, account, is_asked)
        found = begun.results()
        return found[:1] if account.is_refused else found

    def _begin_bucket(self, begun: ConcurrentChecks) -> None:
        bucket, name = self._bucket, self._settings.bucket
        exists = begun.begin(_late(texts.bucket(name)), bucket.existence)
        begun.begin(_late(texts.bucket_use(name)), _after(exists, make=bucket.use))
        public = _late(texts.bucket_public_access(name), is_needed=False)
        begun.begin(public, _after(exists, make=bucket.rules.public_access))
        lifecycle = _late(texts.bucket_lifecycle(name), is_needed=False)
        begun.begin(lifecycle, _after(exists, make=bucket.rules.lifecycle))
        if self.origins:
            cors = _late(texts.bucket_cors(name), is_needed=False)
            begun.begin(cors, _after(exists, make=partial(bucket.rules.cors, self.origins)))

    def _begin_tables(self, begun: ConcurrentChecks) -> None:
        client = self._aws.dynamodb(for_pages=True)
        for table in tables(self._settings):
            exists = begun.begin(
                _late(texts.table(table.name)), partial(check_table, table, client)
            )
            use = partial(check_table_use, table, client)
            begun.begin(_late(texts.table_use(table.name)), _after(exists, make=use))

    def _begin_events(self, begun: ConcurrentChecks) -> None:
        notifications = self._notifications
        late = _late(texts.events(notifications.topic, notifications.queue), is_needed=False)
        begun.begin(late, partial(check_events, notifications))

    def _begin_endpoints(self, begun: ConcurrentChecks, account: Account, is_asked: Wait) -> None:
        settings, region = self._settings, self._aws.region
        iam, ecr = self._aws.client_for_pages("iam"), self._aws.client_for_pages("ecr")

        def role() -> Check:
            is_asked()
            return check_role(settings.endpoint_role, account.number, iam)

        image = partial(check_image, settings.image, region, settings.instance_type, ecr)
        role_found = begun.begin(_late(texts.ENDPOINT_ROLE, is_needed=False), role)
        image_found = begun.begin(_late(texts.IMAGE, is_needed=False), image)
        new = partial(check_new_endpoints, self._aws, settings)
        late = _late(texts.NEW_ENDPOINTS, is_needed=False)
        begun.begin(late, _after(role_found, image_found, make=new))


def _after(*others: Wait, make: Callable[[], Check]) -> Wait:
    """The check, once others were made, and only where none of them found that jobs can't run."""
    return lambda: None if any(found.blocks for wait in others if (found := wait())) else make()


def _late(name: str, *, is_needed: bool = True) -> Check:
    """What is shown where AWS is silent."""
    detail = texts.no_answer_in_time(WAIT)
    return failed(name, detail) if is_needed else unknown(name, texts.not_checked(detail))
