"""Knows the account's quotas of instances for endpoints, read once an hour by a worker."""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.errors import AwsError
from core.ids import Clock
from core.settings import Settings
from core.texts import quotas as texts
from formats.frozen import Frozen

log = logging.getLogger(__name__)

_NAME: Final = re.compile(r"(ml\.\S+) for endpoint usage")
"""What SageMaker calls the quota of a type, for asynchronous endpoints too."""

_READ_AGAIN: Final = timedelta(hours=1)


class Quota(Frozen):
    """How many instances of one type the account's endpoints may have in the region."""

    instances: int
    url: str
    """Where in AWS's console more are asked for."""


class AccountQuotas:
    """The quotas by instance type. `of` answers from memory; `load`, which a worker calls, reads
    thousands of them in pages of 100, which takes seconds."""

    def __init__(self, aws: Aws, settings: Settings, clock: Clock) -> None:
        self._aws = aws
        self._clock = clock
        self._is_asked = not settings.embedded
        self._read_at: datetime | None = None
        self._known: Mapping[str, Quota] = {}
        self.problem = ""
        """Why they can't be read; empty where they were."""

    def of(self, instance_type: str) -> Quota | None:
        """The quota of a type; None where AWS did not tell it."""
        return self._known.get(instance_type)

    def load(self) -> None:
        """Read them where the last reading, or refusal, is an hour old."""
        now = self._clock()
        if not self._is_asked or (self._read_at and now - self._read_at < _READ_AGAIN):
            return
        self._read_at = now
        try:
            self._known = _read(self._aws)
        except AwsError as error:
            self.problem = str(error)
            log.info("event=quotas_not_read error=%s", error)
            return
        self.problem = ""
        log.info("event=quotas_read types=%d", len(self._known))


def endpoint_quotas(client: Any) -> Iterator[tuple[str, Any]]:
    """Each instance type with its quota for endpoints, as Service Quotas describes it.

    SageMaker has thousands of quotas, in pages of 100, which takes seconds. Raises AwsError.
    """
    with translate_errors(texts.QUOTA_CHECK_FAILED):
        pages = client.get_paginator("list_service_quotas").paginate(
            ServiceCode="sagemaker", PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            for quota in page["Quotas"]:
                if found := _NAME.fullmatch(quota["QuotaName"]):
                    yield found[1], quota


def _read(aws: Aws) -> dict[str, Quota]:
    return {
        kind: Quota(
            instances=int(quota["Value"]), url=texts.quota_url(aws.region, quota["QuotaCode"])
        )
        for kind, quota in endpoint_quotas(aws.service_quotas())
    }
