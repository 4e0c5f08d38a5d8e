"""Application Auto Scaling's API: scalable targets, scaling policies, scaling activities."""

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.document_store import Document, DocumentKind, DocumentStore
from local_aws.http.errors import InvalidParameter, ObjectNotFound, UnknownOperation
from local_aws.http.messages import Request, Response
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.arns import ACCOUNT
from local_aws.sagemaker.endpoints import Endpoints
from local_aws.sagemaker.listing import page_of

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_PAGE = 50
_ACTIVITIES = 200
_POLICY_TYPES = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}


class Targets:
    """What is registered for scaling. `clock` gives Unix seconds."""

    def __init__(
        self,
        documents: DocumentStore,
        endpoints: Endpoints,
        region: str,
        clock: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._endpoints = endpoints
        self._region = region
        self._clock = clock
        self.activities: deque[Document] = deque(maxlen=_ACTIVITIES)
        self._operations: dict[str, Callable[[Mapping[str, Any]], Document]] = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DescribeScalingActivities": self._describe_activities,
        }
        self._validator = RequestValidator("application-autoscaling", self._operations)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        operation = self._operations.get(request.operation)
        if operation is None:
            raise UnknownOperation(f"The local AWS has no {request.operation}.")
        return Response.json(operation(self._validator.parse_json(request.operation, request)))

    def all(self) -> list[Document]:
        """The scalable targets."""
        return self._documents.all("scalable-target")

    def policies(self, resource: str) -> list[Document]:
        """The policies of a target."""
        found = self._documents.all("scaling-policy")
        return [policy for policy in found if policy["ResourceId"] == resource]

    def _register(self, asked: Mapping[str, Any]) -> Document:
        resource = self._check_resource(asked)
        target = self._documents.get("scalable-target", resource) or {
            **_identity(asked),
            "ScalableTargetARN": self._arn("application-autoscaling", "scalable-target"),
            "CreationTime": self._clock(),
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sagemaker.application-"
            "autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        }
        for field in ("MinCapacity", "MaxCapacity", "RoleARN"):
            if field in asked:
                target[field] = asked[field]
        target["SuspendedState"] |= asked.get("SuspendedState", {})
        if "MinCapacity" not in target or "MaxCapacity" not in target:
            raise InvalidParameter("A new scalable target needs MinCapacity and MaxCapacity.")
        if not 0 <= target["MinCapacity"] <= target["MaxCapacity"]:
            raise InvalidParameter(
                "Maximum capacity cannot be less than minimum capacity, and neither below 0."
            )
        self._documents.put("scalable-target", resource, target)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _check_resource(self, asked: Mapping[str, Any]) -> str:
        """The resource id of a variant that exists."""
        resource: str = asked["ResourceId"]
        if asked["ServiceNamespace"] != "sagemaker" or asked["ScalableDimension"] != DIMENSION:
            raise InvalidParameter(f"The local AWS scales sagemaker with {DIMENSION}, no more.")
        endpoint, variant = split_resource(resource)
        fleet = self._endpoints.find(endpoint)
        if fleet is None or fleet.deployment.variant(variant) is None:
            raise InvalidParameter(f"Could not find the endpoint variant of {resource}.")
        return resource

    def _deregister(self, asked: Mapping[str, Any]) -> Document:
        self._existing(asked)
        self._documents.delete("scalable-target", asked["ResourceId"])
        for policy in self.policies(asked["ResourceId"]):
            self._documents.delete("scaling-policy", _policy_key(policy))
        return {}

    def _put_policy(self, asked: Mapping[str, Any]) -> Document:
        self._existing(asked)
        key = _policy_key(asked)
        known = self._documents.get("scaling-policy", key) or {}
        kind = asked.get("PolicyType") or known.get("PolicyType")
        configuration = _POLICY_TYPES.get(kind or "")
        if configuration is None or configuration not in asked:
            raise InvalidParameter(
                f"A policy is one of {', '.join(_POLICY_TYPES)} and comes with its configuration."
            )
        name = asked["PolicyName"]
        arn = f"{self._arn('autoscaling', 'scalingPolicy')}:resource/sagemaker/"
        policy = {
            **_identity(asked),
            "PolicyName": name,
            "PolicyType": kind,
            configuration: asked[configuration],
            "Alarms": [],
            "PolicyARN": known.get("PolicyARN", f"{arn}{asked['ResourceId']}:policyName/{name}"),
            "CreationTime": known.get("CreationTime", self._clock()),
        }
        self._documents.put("scaling-policy", key, policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": []}

    def _delete_policy(self, asked: Mapping[str, Any]) -> Document:
        if not self._documents.delete("scaling-policy", _policy_key(asked)):
            raise ObjectNotFound(
                f"No scaling policy found for resource ID: {asked['ResourceId']}, "
                f"policy name: {asked['PolicyName']}"
            )
        return {}

    def _existing(self, asked: Mapping[str, Any]) -> None:
        if self._documents.get("scalable-target", asked["ResourceId"]) is None:
            raise ObjectNotFound(
                f"No scalable target found for service namespace: {asked['ServiceNamespace']}, "
                f"resource ID: {asked['ResourceId']}, "
                f"scalable dimension: {asked['ScalableDimension']}"
            )

    def _describe_targets(self, asked: Mapping[str, Any]) -> Document:
        wanted = asked.get("ResourceIds")
        found = [t for t in self.all() if wanted is None or t["ResourceId"] in wanted]
        return _page("ScalableTargets", found, asked)

    def _describe_policies(self, asked: Mapping[str, Any]) -> Document:
        names = asked.get("PolicyNames")
        found = self._of_resource("scaling-policy", asked)
        found = [policy for policy in found if names is None or policy["PolicyName"] in names]
        return _page("ScalingPolicies", found, asked)

    def _describe_activities(self, asked: Mapping[str, Any]) -> Document:
        resource = asked.get("ResourceId")
        found = [a for a in self.activities if resource in {None, a["ResourceId"]}]
        return _page("ScalingActivities", found, asked)

    def _of_resource(self, kind: DocumentKind, asked: Mapping[str, Any]) -> list[Document]:
        resource = asked.get("ResourceId")
        return [d for d in self._documents.all(kind) if resource in {None, d["ResourceId"]}]

    def _arn(self, service: str, kind: str) -> str:
        separator = "/" if service == "application-autoscaling" else ":"
        return f"arn:aws:{service}:{self._region}:{ACCOUNT}:{kind}{separator}{uuid.uuid4()}"


def split_resource(resource: str) -> tuple[str, str]:
    """Endpoint and variant of `endpoint/NAME/variant/NAME`. Raises `InvalidParameter`."""
    match resource.split("/"):
        case ["endpoint", endpoint, "variant", variant]:
            return endpoint, variant
    raise InvalidParameter(f"The resource ID {resource} is not endpoint/NAME/variant/NAME.")


def _identity(asked: Mapping[str, Any]) -> Document:
    return {name: asked[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


def _policy_key(policy: Mapping[str, Any]) -> str:
    return f"{policy['ResourceId']} {policy['PolicyName']}"


def _page(name: str, found: list[Document], asked: Mapping[str, Any]) -> Document:
    if asked["ServiceNamespace"] != "sagemaker":
        found = []
    page, token = page_of(found, asked.get("MaxResults", _PAGE), asked.get("NextToken"))
    return {name: page, **({"NextToken": token} if token else {})}
