"""Reads how the dashboard's service on Fargate is doing."""

from typing import Any

from core.aws.client import translate_errors
from deploy import texts
from deploy.account import Account
from deploy.stack import StackState
from formats.frozen import Frozen


class ServiceState(Frozen):
    """Replicas wanted and running, and how the last deployment goes (ECS's word)."""

    desired: int = 0
    running: int = 0
    rollout: str = ""


def running(account: Account, state: StackState) -> ServiceState:
    """The service of a stack; all zero where it has none yet. Raises AwsError."""
    if "Service" not in state.outputs:
        return ServiceState()
    with translate_errors(texts.READING_SERVICE_FAILED):
        answer = account.client("ecs").describe_services(
            cluster=state.outputs["Cluster"], services=[state.outputs["Service"]]
        )
    if not answer["services"]:
        return ServiceState()
    service: Any = answer["services"][0]
    rollouts = [each.get("rolloutState", "") for each in service.get("deployments", ())]
    return ServiceState(
        desired=service["desiredCount"],
        running=service["runningCount"],
        rollout=rollouts[0] if rollouts else "",
    )
