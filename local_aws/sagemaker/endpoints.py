"""Owns the endpoints: their stored records, and the runtimes that run them."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.endpoint_runtime import EndpointResources, EndpointRuntime
from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.registry import ResourceRegistry

_logger = logging.getLogger(__name__)
_CLOSE_S = 4.0
_MAX_REASON_CHARACTERS = 1024  # characters of a FailureReason


class EndpointManager:
    """Creates, describes, changes and deletes endpoints. `clock` gives Unix seconds."""

    def __init__(
        self,
        documents: DocumentStore,
        registry: ResourceRegistry,
        resources: EndpointResources,
        clock: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._registry = registry
        self._resources = resources
        self._clock = clock
        self._runtimes: dict[str, EndpointRuntime] = {}
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Start the endpoints of the last run again; a Failed one stays Failed."""
        stored = self._documents.all("endpoint")
        _remove_folders(self._resources.folder, {document["EndpointName"] for document in stored})
        for document in stored:
            endpoint = self._new_runtime(
                document["EndpointName"], Deployment.from_document(document["Deployment"])
            )
            if document["EndpointStatus"] == "Failed":
                endpoint.restore_failed(document.get("FailureReason"))
            elif document["EndpointStatus"] == "Deleting":
                self._remove(endpoint.name)
                continue
            else:
                self._save(endpoint)
            endpoint.start()

    def close(self) -> None:
        """End all containers, within about 4 s."""
        endpoints = list(self._runtimes.values())
        for endpoint in endpoints:
            endpoint.close()
        deadline = time.monotonic() + _CLOSE_S
        for endpoint in endpoints:
            endpoint.join(max(0.0, deadline - time.monotonic()))

    def find(self, name: str) -> EndpointRuntime | None:
        """The runtime of an endpoint; None when there is none of that name."""
        return self._runtimes.get(name)

    def all(self) -> list[EndpointRuntime]:
        """The runtimes of all endpoints."""
        with self._lock:
            return list(self._runtimes.values())

    def create(self, params: Mapping[str, Any]) -> Document:
        """CreateEndpoint: the answer comes at once, the endpoint is Creating."""
        name = params["EndpointName"]
        deployment = self._registry.resolve_deployment(params["EndpointConfigName"])
        arn, now = self._registry.arn("endpoint", name), self._clock()
        document = {
            "EndpointName": name,
            "EndpointArn": arn,
            "EndpointConfigName": deployment.config_name,
            "EndpointStatus": "Creating",
            "CreationTime": now,
            "LastModifiedTime": now,
            "Deployment": deployment.to_document(),
            "Tags": params.get("Tags", []),
        }
        if not self._documents.add("endpoint", name, document):
            raise self._registry.already_exists("endpoint", name)
        self._new_runtime(name, deployment).start()
        return {"EndpointArn": arn}

    def describe(self, params: Mapping[str, Any]) -> Document:
        """DescribeEndpoint. Fields without a value are left out, as AWS does."""
        document = dict(self._registry.get("endpoint", params["EndpointName"]))
        document.pop("Tags")
        deployment = Deployment.from_document(document.pop("Deployment"))
        endpoint = self._runtimes.get(document["EndpointName"])
        document["ProductionVariants"] = _summaries(deployment, endpoint)
        if deployment.async_config:
            document["AsyncInferenceConfig"] = deployment.async_config
        if endpoint and endpoint.next_deployment:
            document["PendingDeploymentSummary"] = {
                "EndpointConfigName": endpoint.next_deployment.config_name
            }
        return document

    def update(self, params: Mapping[str, Any]) -> Document:
        """UpdateEndpoint: the new configuration starts beside the old one."""
        endpoint = self._get(params["EndpointName"])
        deployment = self._registry.resolve_deployment(params["EndpointConfigName"])
        if deployment.config_name == endpoint.deployment.config_name:
            raise InvalidParameter(
                f"Endpoint {endpoint.name} already uses configuration {deployment.config_name}."
            )
        self._refuse_scaled_variants(endpoint, deployment)
        if params.get("RetainAllVariantProperties"):
            deployment = _retain(
                deployment, endpoint.deployment, params.get("ExcludeRetainedVariantProperties", [])
            )
        return self._arn_if_accepted(endpoint, endpoint.replace(deployment))

    def _refuse_scaled_variants(self, endpoint: EndpointRuntime, following: Deployment) -> None:
        """Raise `InvalidParameter` where a scaled variant would go or change its type."""
        scaled = [target["ResourceId"] for target in self._documents.all("scalable-target")]
        changed = [
            variant.name
            for variant in endpoint.deployment.variants
            if f"endpoint/{endpoint.name}/variant/{variant.name}" in scaled
            and (
                (after := following.variant(variant.name)) is None
                or after.instance_type != variant.instance_type
            )
        ]
        if changed:
            raise InvalidParameter(
                f'The variant(s) "[{", ".join(changed)}]" must be deregistered as scalable targets '
                "with AWS Auto Scaling before they can be removed or have their instance type "
                "updated."
            )

    def rescale(self, params: Mapping[str, Any]) -> Document:
        """UpdateEndpointWeightsAndCapacities."""
        endpoint = self._get(params["EndpointName"])
        changes = {
            change["VariantName"]: change for change in params["DesiredWeightsAndCapacities"]
        }
        for name in changes:
            if endpoint.deployment.variant(name) is None:
                raise InvalidParameter(
                    f'The variant name(s) "{name}" is/are not present within endpoint '
                    f'"{self._registry.arn("endpoint", endpoint.name)}".'
                )
        counts = _values(changes, "DesiredInstanceCount")
        return self._arn_if_accepted(
            endpoint, endpoint.rescale(counts, _values(changes, "DesiredWeight"))
        )

    def delete(self, params: Mapping[str, Any]) -> Document:
        """DeleteEndpoint: it is Deleting until its containers have ended, then gone."""
        endpoint = self._get(params["EndpointName"])
        self._arn_if_accepted(endpoint, endpoint.delete())
        return {}

    def _get(self, name: str) -> EndpointRuntime:
        self._registry.get("endpoint", name)
        endpoint = self._runtimes.get(name)
        if endpoint is None:
            raise InvalidParameter(f"Endpoint {name} is gone.")
        return endpoint

    def _arn_if_accepted(self, endpoint: EndpointRuntime, accepted: bool) -> Document:
        arn = self._registry.arn("endpoint", endpoint.name)
        if not accepted:
            state = "failed" if endpoint.status == "Failed" else "in-progress"
            raise InvalidParameter(f'Cannot update {state} endpoint "{arn}".')
        return {"EndpointArn": arn}

    def _new_runtime(self, name: str, deployment: Deployment) -> EndpointRuntime:
        endpoint = EndpointRuntime(name, deployment, self._resources, self._save, self._remove)
        with self._lock:
            self._runtimes[name] = endpoint
        return endpoint

    def _save(self, endpoint: EndpointRuntime) -> None:
        fields = {
            "EndpointStatus": endpoint.status,
            "FailureReason": endpoint.reason and endpoint.reason[:_MAX_REASON_CHARACTERS],
            "EndpointConfigName": endpoint.deployment.config_name,
            "Deployment": endpoint.deployment.to_document(),
            "LastModifiedTime": self._clock(),
        }
        self._documents.merge("endpoint", endpoint.name, fields)

    def _remove(self, name: str) -> None:
        with self._lock:
            self._runtimes.pop(name, None)
        self._resources.queue.remove_all(name)
        self._documents.delete("endpoint", name)
        _logger.info("event=endpoint endpoint=%s status=deleted", name)


def _remove_folders(folder: Path, names: set[str]) -> None:
    """Delete the folders of endpoints that are no more."""
    for path in folder.glob("*"):
        if path.name not in names:
            shutil.rmtree(path, ignore_errors=True)


def _summaries(deployment: Deployment, endpoint: EndpointRuntime | None) -> list[Document]:
    """ProductionVariantSummary of each variant."""
    return [
        {
            "VariantName": variant.name,
            **_images(variant),
            "CurrentWeight": variant.weight,
            "DesiredWeight": variant.weight,
            "CurrentInstanceCount": endpoint.healthy_count(variant.name) if endpoint else 0,
            "DesiredInstanceCount": variant.desired,
            **_pools(variant, endpoint),
        }
        for variant in deployment.variants
    ]


def _pools(variant: Variant, endpoint: EndpointRuntime | None) -> Document:
    """All instances are of the first type: this machine has them all."""
    counts = [endpoint.healthy_count(variant.name) if endpoint else 0, *[0] * len(variant.pools)]
    pools = [
        {"InstanceType": kind, "CurrentInstanceCount": count}
        for kind, count in zip(variant.pools, counts, strict=False)
    ]
    return {"InstancePools": pools} if pools else {}


def _images(variant: Variant) -> Document:
    image = variant.container.get("Image")
    return {"DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}]} if image else {}


def _values(changes: Mapping[str, Mapping[str, Any]], field: str) -> dict[str, Any]:
    return {name: change[field] for name, change in changes.items() if field in change}


def _retain(
    next_deployment: Deployment, current: Deployment, excluded: list[Mapping[str, str]]
) -> Deployment:
    """Carry counts and weights over to variants of the same name."""
    not_retained = {item["VariantPropertyType"] for item in excluded}
    if "DesiredInstanceCount" not in not_retained:
        next_deployment = next_deployment.with_counts({v.name: v.desired for v in current.variants})
    if "DesiredWeight" not in not_retained:
        next_deployment = next_deployment.with_weights({v.name: v.weight for v in current.variants})
    return next_deployment
