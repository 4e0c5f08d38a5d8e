"""Owns the deployment: an endpoint's variants and containers, resolved from config and models."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from local_aws.document_store import Document

# SageMaker gives a container four minutes unless the variant says otherwise.
_STARTUP_TIMEOUT_S = 240.0
# Without MaxConcurrentInvocationsPerInstance SageMaker picks a value; one suits one worker.
_DEFAULT_CONCURRENCY = 1


@dataclass(frozen=True)
class Variant:
    """One production variant: the container it runs and how many instances it should have."""

    name: str
    instance_type: str
    container: Mapping[str, Any]
    desired: int
    weight: float
    startup_timeout: float
    ami: str = ""
    """The InferenceAmiVersion; empty for the default."""
    pools: tuple[str, ...] = ()
    """The instance types of InstancePools, by priority: here AWS has the first."""

    @classmethod
    def from_config(cls, variant: Mapping[str, Any], container: Mapping[str, Any]) -> "Variant":
        """Resolve a ProductionVariant with the container of its model."""
        timeout = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", _STARTUP_TIMEOUT_S)
        pools = sorted(variant.get("InstancePools", ()), key=lambda pool: int(pool["Priority"]))
        types = tuple(pool["InstanceType"] for pool in pools)
        return cls(
            name=variant["VariantName"],
            instance_type=types[0] if types else variant["InstanceType"],
            pools=types,
            container=container,
            desired=variant.get("InitialInstanceCount", 1),
            weight=variant.get("InitialVariantWeight", 1.0),
            startup_timeout=float(timeout),
            ami=variant.get("InferenceAmiVersion", ""),
        )


@dataclass(frozen=True)
class Deployment:
    """One endpoint configuration as it runs. It doesn't change when config or model are deleted."""

    config_name: str
    variants: tuple[Variant, ...]
    async_config: Mapping[str, Any] | None = None

    @property
    def max_concurrency(self) -> int:
        """How many asynchronous invocations one instance takes at a time."""
        client = (self.async_config or {}).get("ClientConfig", {})
        return int(client.get("MaxConcurrentInvocationsPerInstance", _DEFAULT_CONCURRENCY))

    @property
    def notification_topics(self) -> Mapping[str, str]:
        """The SNS topics for invocations that ended: SuccessTopic, ErrorTopic."""
        output = (self.async_config or {}).get("OutputConfig", {})
        topics: Mapping[str, str] = output.get("NotificationConfig") or {}
        return topics

    def variant(self, name: str) -> Variant | None:
        """The variant of that name, if there is one."""
        return next((variant for variant in self.variants if variant.name == name), None)

    def with_counts(self, counts: Mapping[str, int]) -> "Deployment":
        """The same with other instance counts, by variant name."""
        return self._with(lambda v: replace(v, desired=counts.get(v.name, v.desired)))

    def with_weights(self, weights: Mapping[str, float]) -> "Deployment":
        """The same with other weights, by variant name."""
        return self._with(lambda v: replace(v, weight=weights.get(v.name, v.weight)))

    def _with(self, change: Callable[[Variant], Variant]) -> "Deployment":
        return replace(self, variants=tuple(map(change, self.variants)))

    def to_document(self) -> Document:
        """A JSON document of it."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Deployment":
        """Read what `to_document` wrote."""
        variants = tuple(Variant(**variant) for variant in document["variants"])
        return cls(document["config_name"], variants, document["async_config"])
