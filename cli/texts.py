"""What somebody reads who types a command."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from deploy.service import ServiceState
    from deploy.stack import StackResource, StackState

APPLICATION: Final = (
    "A web studio for Stable Diffusion on your own SageMaker endpoints. The settings are "
    "environment variables (docs/settings.md); without any, commands work on the embedded AWS."
)
DOCTOR: Final = "Check all that the studio needs, and say what to do about what is lacking."
UPLOAD: Final = "Upload model files; a broken-off upload goes on where it ended."
VERSION: Final = "Print the version."

JSON: Final = "Print JSON."
REPAIR: Final = "Create what is missing and set the bucket's rules, where this command can."
REPAIR_IT: Final = " (`contrapposto doctor --repair` mends it)"
YES: Final = "Do not ask."
FILES: Final = "Model files, folders, globs, https:// or s3:// addresses."
KIND: Final = "What they are; left out, their headers tell."
REPLACE: Final = "Replace a model of the same name that has other bytes."

SCALING: Final = "Scaling of endpoints"

_STATES: Final = {"in place": "ok     ", "failed": "FAILED ", "unknown": "?      "}

SCALING_PENDING: Final = "is set up by a dashboard that runs, once the endpoint is InService"
AS_ORDERED: Final = "is as ordered"
LEFTOVERS: Final = "Left over"


def finding(what: str, problem: str, detail: str) -> str:
    """One object on AWS that is not as ordered."""
    return f"{what} is {problem}. {detail}"


def leftover(endpoint: str) -> str:
    """Scaling objects of an endpoint that is no more."""
    return f"scaling of the deleted endpoint {endpoint}. Remove it on the Endpoints page."


def failed(message: str) -> str:
    """The one line of a command that could not do what was asked."""
    return f"contrapposto: {message}"


def check(state: str, name: str, detail: str, how: str, *, needed: bool) -> str:
    """One check of the doctor, and how it is repaired where this command can."""
    word = "advice " if state == "failed" and not needed else _STATES[state]
    return f"{word}{name}: {detail}{how}"


def file_problem(name: str, message: str) -> str:
    """A file that could not be uploaded."""
    return f"{name}: {message}"


def planned(key: str, size: int | None, *, is_there: bool) -> str:
    """A file that will be uploaded, before it is."""
    amount = "size unknown" if size is None else f"{size / 1e6:,.1f} MB"
    note = "; a file of this name is there, the same bytes are not sent again" if is_there else ""
    return f"{key} ({amount}{note})"


def several_files(addresses: Sequence[str]) -> str:
    """An address of more than one file, none of which is its site's first."""
    return "There are several files; give the address of one: " + " ".join(addresses)


def skipped(path: str, reason: str) -> str:
    """A file of a folder that is left out."""
    return f"skipped {path}: {reason}"


def upload_label(name: str, stage: str) -> str:
    """The words beside an upload's bar."""
    return f"{name} ({stage})"


DEPLOY: Final = "The studio in your AWS account: an address for a team."
UP: Final = "Build and push the images, create or update the stack, print the address."
STATUS: Final = "How the stack and its dashboard are doing."
ROLLBACK: Final = "Serve with the version before; again to come back."
DOWN: Final = "Say what will be deleted, and delete it; bucket and tables stay unless told."
ENDPOINT: Final = "Start an endpoint with the stack's image (needs contrapposto[deploy])."
ENDPOINT_NAME: Final = "Name of the endpoint."
INSTANCE_TYPE: Final = "Instance type; left out, the stack's."
INSTANCES: Final = "Most instances; idle ones are stopped, down to none."
STACK: Final = "Name of the CloudFormation stack, and first part of its tables' names."
DOMAIN: Final = "Host name of the address, such as studio.example.com."
HOSTED_ZONE: Final = "Id of the domain's Route 53 zone: record and certificate are made in it."
SET: Final = "Any other parameter of deploy/template.yaml, as NAME=VALUE."
BUILDER: Final = "docker, podman, buildah or codebuild; auto takes the first that is here."
DELETE_DATA: Final = "Delete the bucket with all models and images, and the tables."

GO_ON: Final = "Go on?"
DELETE_IT: Final = "Delete this?"
DELETED: Final = "Deleted."


def plan(stack: str, account: str, region: str, parameters: Mapping[str, str]) -> str:
    """What is about to be made, and where."""
    lines = [f"Stack {stack} in account {account}, {region}:"]
    return "\n".join([*lines, *(f"  {name} = {value}" for name, value in parameters.items())])


def start_endpoint(name: str, instances: int, kind: str) -> str:
    """Asked before money is spent."""
    return f"Start {name} on up to {instances} x {kind}? Each costs money while it is up."


def going_back(image: str) -> str:
    """Asked before the version before is served again."""
    return f"Serve with {image}?"


def status(state: "StackState", service: "ServiceState") -> str:
    """The stack in a few lines."""
    lines = {
        "Stack": f"{state.name}: {state.status}{' ' if state.reason else ''}{state.reason}",
        "Address": state.outputs.get("Address", "none yet"),
        "Dashboard": f"{service.running} of {service.desired} running {service.rollout}".rstrip(),
        "Dashboard image": state.outputs.get("DashboardImage", "none yet"),
        "Container image": state.outputs.get("ContainerImage", "none yet"),
        "Before": state.outputs.get("PreviousDashboardImage", "none"),
    }
    return "\n".join(f"{name + ':':<17}{value}" for name, value in lines.items())


def removal(
    resources: "Sequence[StackResource]",
    endpoints: Sequence[str],
    data: Sequence[str],
    *,
    deletes: bool,
) -> str:
    """Everything that is about to be deleted, and what stays."""
    kept = {"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::DynamoDB::Table"}
    lines = [f"  {r.name} ({r.kind})" for r in resources if r.kind not in kept]
    lines += [f"  endpoint {name}" for name in endpoints]
    lines += [f"  {name}, with all that is in it" for name in data if deletes]
    told = ["This is deleted:", *lines]
    if not deletes:
        told += ["This stays:", *(f"  {name}" for name in data)]
    return "\n".join(told)


def address(outputs: Mapping[str, str]) -> str:
    """Where the studio is, and the step that is left."""
    lines = [f"The studio is at {outputs.get('Address', '')}"]
    if "BalancerHost" in outputs:
        lines.append(
            f"Without a hosted zone, point the domain at {outputs['BalancerHost']} (CNAME)."
        )
    if "UserPool" in outputs:
        lines.append(
            "Invite people with: aws cognito-idp admin-create-user --user-pool-id "
            f"{outputs['UserPool']} --username somebody@example.com"
        )
    return "\n".join(lines)


EXPORT: Final = (
    "Write models, images, poses and ended jobs into a folder; again writes what is new."
)
IMPORT: Final = "Read such a folder into this studio; what is there already stays."
FOLDER: Final = "Folder of the backup."


def no_backup(folder: str) -> str:
    """A folder without backup.json."""
    return f"{folder} is no backup. `contrapposto export {folder}` writes one."


def newer_backup(folder: str, version: str) -> str:
    """A format that this version doesn't know."""
    return f"{folder} was written by version {version}. Import it with that version or a newer one."


def other_backup(folder: str, bucket: str) -> str:
    """A backup of something else is there."""
    return f"{folder} is a backup of the bucket {bucket}. Choose another folder."


def folder_failed(folder: str, why: str) -> str:
    """The disk is full, or may not be written to."""
    return f"Writing to {folder} failed: {why}. What was written stays; try again to go on."


def saving_failed(key: str) -> str:
    """An object could not be read."""
    return f"Copying {key} failed"


def restoring_failed(key: str) -> str:
    """An object could not be written."""
    return f"Writing {key} failed"


def progress(number: int, total: int, key: str) -> str:
    """How far it is."""
    return f"{number} of {total}: {key}"


def in_the_way(key: str) -> str:
    """Other bytes have the name."""
    return f"{key}: other bytes are there and stay. Delete them to import these."


def exported(copied: int, objects: int, jobs: int, open_jobs: int) -> str:
    """What the folder has now."""
    left = f"; {open_jobs} open jobs are left out" if open_jobs else ""
    return f"{objects} objects ({copied} of them new) and {jobs} jobs{left}."


def imported(copied: int, there: int, jobs: int) -> str:
    """What the studio got."""
    return f"{copied} objects and {jobs} jobs are new; {there} objects were there."


def gpu_host(instance_type: str) -> str:
    """The check of a GPU instance's host."""
    return f"GPU host of {instance_type}"


def gpu_host_is(gpu: str, driver: str, cuda: str, ami: str) -> str:
    """What a new endpoint runs on."""
    told = f"driver {driver}, CUDA {cuda}" if driver else "a driver that AWS does not document"
    return f"{gpu}, {told} ({ami or 'the AMI that AWS chooses'})"


def scaling_of(endpoint: str) -> str:
    """The check of an endpoint's scaling objects."""
    return f"Scaling of {endpoint}"


def findings(found: Sequence[str]) -> str:
    """What is not as it was ordered."""
    return f"{'; '.join(found)}{REPAIR_IT}"
