"""Application Auto Scaling's API: scalable targets, policies, scheduled actions, activities."""

import logging
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.arns import ACCOUNT_ID, build_arn
from local_aws.autoscaling.scheduled_actions import ScheduledActions
from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter, ObjectNotFound, UnknownOperation
from local_aws.http.messages import Request, Response
from local_aws.http.pagination import paginate
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.endpoints import EndpointManager

_logger = logging.getLogger(__name__)

SCALABLE_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_SCALABLE_STATES = {"InService", "Updating"}
_DEFAULT_PAGE_SIZE = 50
_MAX_ACTIVITIES = 200
_CONFIGURATION_FIELDS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}


class ApplicationAutoScaling:
    """The service: stores what is registered for scaling. `clock` gives Unix seconds."""

    def __init__(
        self,
        documents: DocumentStore,
        endpoints: EndpointManager,
        region: str,
        clock: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._endpoints = endpoints
        self._region = region
        self._clock = clock
        self.scheduled_actions = ScheduledActions(documents, self._arn)
        self.activities: deque[Document] = deque(maxlen=_MAX_ACTIVITIES)
        self._operations: dict[str, Callable[[Mapping[str, Any]], Document]] = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "PutScheduledAction": self._put_scheduled_action,
            "DeleteScheduledAction": self._delete_scheduled_action,
            "DescribeScheduledActions": self._describe_scheduled_actions,
            "DescribeScalingActivities": self._describe_activities,
        }
        self._validator = RequestValidator("application-autoscaling", self._operations)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        operation = self._operations.get(request.operation)
        if operation is None:
            raise UnknownOperation(f"The local AWS has no {request.operation}.")
        return Response.json(operation(self._validator.parse_json(request.operation, request)))

    def targets(self) -> list[Document]:
        """The scalable targets."""
        return self._documents.all("scalable-target")

    def policies(self, resource: str | None) -> list[Document]:
        """The policies of a target, or of all targets (None)."""
        policies = self._documents.all("scaling-policy")
        return [policy for policy in policies if resource in {None, policy["ResourceId"]}]

    def _register(self, params: Mapping[str, Any]) -> Document:
        resource = self._validated_resource_id(params)
        target = self._documents.get("scalable-target", resource) or {
            **_target_fields(params),
            "ScalableTargetARN": self._arn(
                "application-autoscaling", f"scalable-target/{uuid.uuid4()}"
            ),
            "CreationTime": self._clock(),
            "RoleARN": f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/sagemaker.application-"
            "autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        }
        for field in ("MinCapacity", "MaxCapacity", "RoleARN"):
            if field in params:
                target[field] = params[field]
        target["SuspendedState"] |= params.get("SuspendedState", {})
        if "MinCapacity" not in target or "MaxCapacity" not in target:
            raise InvalidParameter("A new scalable target needs MinCapacity and MaxCapacity.")
        if not 0 <= target["MinCapacity"] <= target["MaxCapacity"]:
            raise InvalidParameter(
                "Maximum capacity cannot be less than minimum capacity, and neither below 0."
            )
        self._documents.put("scalable-target", resource, target)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _validated_resource_id(self, params: Mapping[str, Any]) -> str:
        """The resource ID; raises `InvalidParameter` unless it is an existing variant's."""
        resource: str = params["ResourceId"]
        dimension = params["ServiceNamespace"], params["ScalableDimension"]
        if dimension != ("sagemaker", SCALABLE_DIMENSION):
            raise InvalidParameter(f"The local AWS scales sagemaker with {SCALABLE_DIMENSION}.")
        endpoint_name, variant = parse_resource_id(resource)
        endpoint = self._endpoints.find(endpoint_name)
        if endpoint is None or endpoint.deployment.variant(variant) is None:
            raise InvalidParameter(f"Could not find the endpoint variant of {resource}.")
        if endpoint.status not in _SCALABLE_STATES:
            raise InvalidParameter(f"The endpoint of {resource} is {endpoint.status}.")
        return resource

    def _deregister(self, params: Mapping[str, Any]) -> Document:
        self._require_target(params)
        self._documents.delete("scalable-target", params["ResourceId"])
        for policy in self.policies(params["ResourceId"]):
            self._documents.delete("scaling-policy", _policy_key(policy))
        self.scheduled_actions.delete_all(params["ResourceId"])
        return {}

    def _put_policy(self, params: Mapping[str, Any]) -> Document:
        self._require_target(params)
        key = _policy_key(params)
        existing = self._documents.get("scaling-policy", key) or {}
        policy_type = params.get("PolicyType") or existing.get("PolicyType")
        configuration = _CONFIGURATION_FIELDS.get(policy_type or "")
        if configuration is None or configuration not in params:
            types = ", ".join(_CONFIGURATION_FIELDS)
            raise InvalidParameter(f"PolicyType must be one of {types}, with its configuration.")
        resource, name = params["ResourceId"], params["PolicyName"]
        arn = self._arn(
            "autoscaling",
            f"scalingPolicy:{uuid.uuid4()}:resource/sagemaker/{resource}:policyName/{name}",
        )
        policy = {
            **_target_fields(params),
            "PolicyName": name,
            "PolicyType": policy_type,
            configuration: params[configuration],
            "Alarms": [],
            "PolicyARN": existing.get("PolicyARN", arn),
            "CreationTime": existing.get("CreationTime", self._clock()),
        }
        self._documents.put("scaling-policy", key, policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": []}

    def _delete_policy(self, params: Mapping[str, Any]) -> Document:
        if not self._documents.delete("scaling-policy", _policy_key(params)):
            raise ObjectNotFound(
                f"No scaling policy found for resource ID: {params['ResourceId']}, "
                f"policy name: {params['PolicyName']}"
            )
        return {}

    def _put_scheduled_action(self, params: Mapping[str, Any]) -> Document:
        self._require_target(params)
        self.scheduled_actions.put(_target_fields(params), params, self._clock())
        return {}

    def _delete_scheduled_action(self, params: Mapping[str, Any]) -> Document:
        self.scheduled_actions.delete(params)
        return {}

    def apply_scheduled_actions(self, now: float) -> None:
        """Give the targets the bounds of the scheduled actions that became due."""
        for action in self.scheduled_actions.due(now):
            target = self._documents.get("scalable-target", action["ResourceId"])
            if target is None or target["SuspendedState"]["ScheduledScalingSuspended"]:
                continue
            bounds = {**target, **action["ScalableTargetAction"]}
            if bounds["MinCapacity"] <= bounds["MaxCapacity"]:
                self._documents.put("scalable-target", action["ResourceId"], bounds)
            _logger.info("event=scheduled_action name=%s", action["ScheduledActionName"])

    def _require_target(self, params: Mapping[str, Any]) -> None:
        if self._documents.get("scalable-target", params["ResourceId"]) is None:
            raise ObjectNotFound(
                f"No scalable target found for service namespace: {params['ServiceNamespace']}, "
                f"resource ID: {params['ResourceId']}, "
                f"scalable dimension: {params['ScalableDimension']}"
            )

    def _describe_targets(self, params: Mapping[str, Any]) -> Document:
        ids = params.get("ResourceIds")
        targets = [t for t in self.targets() if ids is None or t["ResourceId"] in ids]
        return _page("ScalableTargets", targets, params)

    def _describe_policies(self, params: Mapping[str, Any]) -> Document:
        resource, names = params.get("ResourceId"), params.get("PolicyNames")
        policies = [
            policy
            for policy in self.policies(resource)
            if names is None or policy["PolicyName"] in names
        ]
        return _page("ScalingPolicies", policies, params)

    def _describe_scheduled_actions(self, params: Mapping[str, Any]) -> Document:
        names = params.get("ScheduledActionNames")
        actions = [
            {name: value for name, value in action.items() if name != "CheckedUntil"}
            for action in self.scheduled_actions.all(params.get("ResourceId"))
            if names is None or action["ScheduledActionName"] in names
        ]
        return _page("ScheduledActions", actions, params)

    def _describe_activities(self, params: Mapping[str, Any]) -> Document:
        resource = params.get("ResourceId")
        activities = [a for a in self.activities if resource in {None, a["ResourceId"]}]
        return _page("ScalingActivities", activities, params)

    def _arn(self, service: str, resource: str) -> str:
        return build_arn(service, self._region, resource)


def parse_resource_id(resource: str) -> tuple[str, str]:
    """Endpoint and variant of `endpoint/NAME/variant/NAME`. Raises `InvalidParameter`."""
    match resource.split("/"):
        case ["endpoint", endpoint, "variant", variant]:
            return endpoint, variant
    raise InvalidParameter(f"The resource ID {resource} is not endpoint/NAME/variant/NAME.")


def _target_fields(params: Mapping[str, Any]) -> Document:
    return {name: params[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


def _policy_key(policy: Mapping[str, Any]) -> str:
    return f"{policy['ResourceId']} {policy['PolicyName']}"


def _page(name: str, documents: list[Document], params: Mapping[str, Any]) -> Document:
    if params["ServiceNamespace"] != "sagemaker":
        documents = []
    return paginate(name, documents, params, _DEFAULT_PAGE_SIZE)
