"""Chooses the endpoint of a job, and says why one takes none."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.endpoints.costs.service import Costs
from core.endpoints.model_caches.caches import ModelCaches, Route
from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.service import Endpoint, Endpoints, SendLimit
from core.errors import EndpointNotReady, InvalidInput
from core.team.users import User
from core.texts import endpoints as texts
from core.texts.jobs import jobs as job_texts
from formats.generation.request import GenerationRequest

ANY_ENDPOINT: Final = "*"
"""Stands for an endpoint's name, which it can't be: the job goes where it is best."""


class EndpointRouter:
    """Knows which endpoints take a job, and which of them is best."""

    def __init__(
        self, endpoints: Endpoints, costs: Costs, real_time: RealTimeLimits, caches: ModelCaches
    ) -> None:
        self._endpoints = endpoints
        self._costs = costs
        self._real_time = real_time
        self._caches = caches
        self.open_jobs: Callable[[], Mapping[str, int]] = dict
        """How many jobs each endpoint has."""

    def route(
        self,
        user: User,
        name: str,
        requests: Sequence[GenerationRequest],
        sha256: str | None,
        planned: Mapping[str, int] = MappingProxyType({}),
    ) -> Route:
        """The endpoint of this name, or the best one for these jobs, whose checkpoint has the hash.

        `planned` jobs of the same click count beside those that each endpoint has.
        Raises EndpointNotReady, AwsError.
        """
        if name != ANY_ENDPOINT:
            return Route(endpoint=self._require_ready(user, name), reason="")
        candidates = [one for one in self._endpoints.list(user) if self._may_take(one, requests)]
        open_jobs = Counter(self.open_jobs())
        open_jobs.update(planned)
        # One after another would go where the file is, while the other endpoints idle.
        route = self._caches.route(candidates, None if planned else sha256, open_jobs)
        if route is None:
            raise EndpointNotReady(texts.NONE_READY, "endpoint")
        return Route(endpoint=self._require_ready(user, route.endpoint.name), reason=route.reason)

    def check(self, endpoint: Endpoint, requests: Sequence[GenerationRequest]) -> None:
        """Raise InvalidInput where a real-time endpoint would not answer in time."""
        self._real_time.check(endpoint, requests)

    def send_limit(self, endpoint: Endpoint) -> SendLimit:
        """How many jobs it is handed at once."""
        return self._endpoints.send_limit(endpoint)

    def _may_take(self, endpoint: Endpoint, requests: Sequence[GenerationRequest]) -> bool:
        if self._costs.refusal(endpoint.name):
            return False
        try:
            self.check(endpoint, requests)
        except InvalidInput:
            return False
        return True

    def _require_ready(self, user: User, name: str) -> Endpoint:
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise EndpointNotReady(job_texts.endpoint_is_gone(name), "endpoint")
        if not endpoint.accepts_jobs:
            message = job_texts.endpoint_not_ready(endpoint.unavailable_reason, endpoint.status)
            raise EndpointNotReady(message, "endpoint")
        if reason := self._costs.refusal(name):
            raise EndpointNotReady(reason, "endpoint")
        return endpoint
