"""Endpoints: their records, and the fleets that run them."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.arns import Arns
from local_aws.sagemaker.catalogue import Catalogue
from local_aws.sagemaker.endpoint_runtime import Fleet
from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.resources import Workshop

_log = logging.getLogger(__name__)
_CLOSE_S = 4.0
_REASON_LIMIT = 1024  # characters of a FailureReason


class Endpoints:
    """Creates, describes, changes and deletes endpoints. `clock` gives Unix seconds."""

    def __init__(
        self,
        documents: DocumentStore,
        catalogue: Catalogue,
        arns: Arns,
        workshop: Workshop,
        clock: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._catalogue = catalogue
        self._arns = arns
        self._workshop = workshop
        self._clock = clock
        self._fleets: dict[str, Fleet] = {}
        self._lock = threading.Lock()

    def restore(self) -> None:
        """Start the endpoints of the last run again; a Failed one stays Failed."""
        known = self._documents.all("endpoint")
        _remove_folders(self._workshop.folder, {document["EndpointName"] for document in known})
        for document in known:
            fleet = self._fleet(
                document["EndpointName"], Deployment.from_document(document["Deployment"])
            )
            if document["EndpointStatus"] == "Failed":
                fleet.stay_failed(document.get("FailureReason"))
            elif document["EndpointStatus"] == "Deleting":
                self._forget(fleet.name)
                continue
            else:
                self._save(fleet)
            fleet.begin()

    def close(self) -> None:
        """End all containers, within about 4 s."""
        fleets = list(self._fleets.values())
        for fleet in fleets:
            fleet.close()
        deadline = time.monotonic() + _CLOSE_S
        for fleet in fleets:
            fleet.join(max(0.0, deadline - time.monotonic()))

    def find(self, name: str) -> Fleet | None:
        """The running side of an endpoint."""
        return self._fleets.get(name)

    def fleets(self) -> list[Fleet]:
        """All of them."""
        with self._lock:
            return list(self._fleets.values())

    def create(self, wanted: Mapping[str, Any]) -> Document:
        """CreateEndpoint: the answer comes at once, the endpoint is Creating."""
        name = wanted["EndpointName"]
        deployment = self._catalogue.resolve(wanted["EndpointConfigName"])
        arn, now = self._arns.of("endpoint", name), self._clock()
        document = {
            "EndpointName": name,
            "EndpointArn": arn,
            "EndpointConfigName": deployment.config_name,
            "EndpointStatus": "Creating",
            "CreationTime": now,
            "LastModifiedTime": now,
            "Deployment": deployment.to_document(),
            "Tags": wanted.get("Tags", []),
        }
        if not self._documents.add("endpoint", name, document):
            raise self._catalogue.exists_already("endpoint", name)
        self._fleet(name, deployment).begin()
        return {"EndpointArn": arn}

    def describe(self, wanted: Mapping[str, Any]) -> Document:
        """DescribeEndpoint. Fields without a value are left out, as AWS does."""
        document = dict(self._catalogue.get("endpoint", wanted["EndpointName"]))
        document.pop("Tags")
        deployment = Deployment.from_document(document.pop("Deployment"))
        fleet = self._fleets.get(document["EndpointName"])
        document["ProductionVariants"] = _summaries(deployment, fleet)
        if deployment.async_config:
            document["AsyncInferenceConfig"] = deployment.async_config
        if fleet and fleet.upcoming:
            document["PendingDeploymentSummary"] = {
                "EndpointConfigName": fleet.upcoming.config_name
            }
        return document

    def update(self, wanted: Mapping[str, Any]) -> Document:
        """UpdateEndpoint: the new configuration starts beside the old one."""
        fleet = self._existing(wanted["EndpointName"])
        deployment = self._catalogue.resolve(wanted["EndpointConfigName"])
        if deployment.config_name == fleet.deployment.config_name:
            raise InvalidParameter(
                f"Endpoint {fleet.name} already uses configuration {deployment.config_name}."
            )
        if wanted.get("RetainAllVariantProperties"):
            deployment = _retain(
                deployment, fleet.deployment, wanted.get("ExcludeRetainedVariantProperties", [])
            )
        return self._accepted(fleet, fleet.replace(deployment))

    def rescale(self, wanted: Mapping[str, Any]) -> Document:
        """UpdateEndpointWeightsAndCapacities."""
        fleet = self._existing(wanted["EndpointName"])
        changes = {
            change["VariantName"]: change for change in wanted["DesiredWeightsAndCapacities"]
        }
        for name in changes:
            if fleet.deployment.variant(name) is None:
                raise InvalidParameter(
                    f'The variant name(s) "{name}" is/are not present within endpoint '
                    f'"{self._arns.of("endpoint", fleet.name)}".'
                )
        counts = _values(changes, "DesiredInstanceCount")
        return self._accepted(fleet, fleet.rescale(counts, _values(changes, "DesiredWeight")))

    def delete(self, wanted: Mapping[str, Any]) -> Document:
        """DeleteEndpoint: it is Deleting until its containers have ended, then gone."""
        fleet = self._existing(wanted["EndpointName"])
        self._accepted(fleet, fleet.delete())
        return {}

    def _existing(self, name: str) -> Fleet:
        self._catalogue.get("endpoint", name)
        fleet = self._fleets.get(name)
        if fleet is None:
            raise InvalidParameter(f"Endpoint {name} is gone.")
        return fleet

    def _accepted(self, fleet: Fleet, accepted: bool) -> Document:
        arn = self._arns.of("endpoint", fleet.name)
        if not accepted:
            state = "failed" if fleet.status == "Failed" else "in-progress"
            raise InvalidParameter(f'Cannot update {state} endpoint "{arn}".')
        return {"EndpointArn": arn}

    def _fleet(self, name: str, deployment: Deployment) -> Fleet:
        fleet = Fleet(name, deployment, self._workshop, self._save, self._forget)
        with self._lock:
            self._fleets[name] = fleet
        return fleet

    def _save(self, fleet: Fleet) -> None:
        fields = {
            "EndpointStatus": fleet.status,
            "FailureReason": fleet.reason and fleet.reason[:_REASON_LIMIT],
            "EndpointConfigName": fleet.deployment.config_name,
            "Deployment": fleet.deployment.to_document(),
            "LastModifiedTime": self._clock(),
        }
        self._documents.merge("endpoint", fleet.name, fields)

    def _forget(self, name: str) -> None:
        with self._lock:
            self._fleets.pop(name, None)
        self._workshop.queue.remove_all(name)
        self._documents.delete("endpoint", name)
        _log.info("event=endpoint endpoint=%s status=deleted", name)


def _remove_folders(folder: Path, known: set[str]) -> None:
    """Delete what endpoints left that are no more."""
    for path in folder.glob("*"):
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)


def _summaries(deployment: Deployment, fleet: Fleet | None) -> list[Document]:
    """ProductionVariantSummary of each variant."""
    return [
        {
            "VariantName": variant.name,
            **_images(variant),
            "CurrentWeight": variant.weight,
            "DesiredWeight": variant.weight,
            "CurrentInstanceCount": fleet.healthy(variant.name) if fleet else 0,
            "DesiredInstanceCount": variant.desired,
        }
        for variant in deployment.variants
    ]


def _images(variant: Variant) -> Document:
    image = variant.container.get("Image")
    return {"DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}]} if image else {}


def _values(changes: Mapping[str, Mapping[str, Any]], field: str) -> dict[str, Any]:
    return {name: change[field] for name, change in changes.items() if field in change}


def _retain(
    upcoming: Deployment, current: Deployment, excluded: list[Mapping[str, str]]
) -> Deployment:
    """Carry counts and weights over to variants of the same name."""
    given_up = {item["VariantPropertyType"] for item in excluded}
    if "DesiredInstanceCount" not in given_up:
        upcoming = upcoming.with_counts({v.name: v.desired for v in current.variants})
    if "DesiredWeight" not in given_up:
        upcoming = upcoming.with_weights({v.name: v.weight for v in current.variants})
    return upcoming
