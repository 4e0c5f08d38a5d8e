"""Texts of the set-up: the settings, and what must be in place in the account."""

from collections.abc import Iterable
from typing import Final, LiteralString

# ---- the settings


def unknown_role(roles: Iterable[str]) -> str:
    """A group without a role, or one with a role that there is not."""
    return f"write GROUP=ROLE, joined by commas; the roles are {', '.join(roles)}"


def wrong_setting(name: str, why: str) -> str:
    """A variable of the environment, and pydantic's words; without its value."""
    return f"{name} can't be used: {why}"


def wrong_settings(wrong: Iterable[str]) -> str:
    """All of them at once."""
    return f"{'; '.join(wrong)}. docs/settings.md tells what is possible."


def short_secret(least: int) -> LiteralString:
    """A key that can be guessed."""
    return f"it must be empty or have {least} bytes at least. Make one with `openssl rand -hex 32`"


MANY_SECRETS: Final[LiteralString] = "it takes two keys at most, the new one and the one before"

RELATIVE_ROOT: Final[LiteralString] = "each folder must be a whole path, from the disk's root"

UNKNOWN_AMI: Final[LiteralString] = (
    "it must be empty or an InferenceAmiVersion for GPUs, such as "
    "al2023-ami-sagemaker-inference-gpu-4-1"
)

HALF_A_VPC: Final[LiteralString] = (
    "CONTRAPPOSTO_SUBNETS and CONTRAPPOSTO_SECURITY_GROUPS go together: set both or neither"
)

LOGIN_BUT_NO_IDENTITY: Final = (
    "Not started: secrets.toml has a login in `[auth]`, but CONTRAPPOSTO_IDENTITY is none. Set it "
    "to oidc to use that login, or remove the section."
)

OIDC_WITHOUT_LOGIN: Final = (
    "Not started: CONTRAPPOSTO_IDENTITY is oidc, but secrets.toml has no login. Add the section "
    "`[auth]`, as docs/settings.md tells."
)

ALB_WITHOUT_ARN: Final = (
    "Not started: CONTRAPPOSTO_IDENTITY is alb, but nothing says which load balancer is believed. "
    "Set CONTRAPPOSTO_ALB_ARN to its ARN."
)

LOGIN_BESIDE_ALB: Final = (
    "Not started: CONTRAPPOSTO_IDENTITY is alb, but secrets.toml has a login in `[auth]` too. "
    "Remove the section, or set CONTRAPPOSTO_IDENTITY to oidc."
)

NO_PUBLIC_URL: Final = (
    "Not started: people sign in, but nothing says by which address they open the studio. Set "
    "CONTRAPPOSTO_PUBLIC_URL, such as https://studio.example.com."
)

EVERY_HOST: Final = (
    "Not started: people sign in, but Streamlit's allowedHosts has `*`, which lets any host name "
    "lead here. Remove it; the host of CONTRAPPOSTO_PUBLIC_URL is served anyway."
)


def not_encrypted(address: str) -> str:
    """A login goes over the network in the clear."""
    return (
        f"Not started: people sign in at {address}, which is not encrypted. Set "
        "CONTRAPPOSTO_PUBLIC_URL to an address with https, which a proxy or a load balancer serves."
    )


SIGNING_KEY_MISSING: Final = (
    "Not started: people sign in, but CONTRAPPOSTO_SECRET is empty, so that no address of an image "
    "would outlive a restart or be good at another replica. Make one with `openssl rand -hex 32`."
)

NO_EMBEDDED_AWS: Final = (
    "CONTRAPPOSTO_BACKEND=embedded can't be used: the embedded AWS is not installed here. "
    "Set CONTRAPPOSTO_BACKEND=aws to use your account, as the hosted image does, or start the "
    "studio with `make run`, which installs requirements-local.txt."
)

# ---- the checks
REGION: Final = "Region"
SET_REGION: Final = "Set AWS_REGION, such as us-east-1."
CREDENTIALS: Final = "Credentials"
ENDPOINT_ROLE: Final = "Endpoint role"
SET_ENDPOINT_ROLE: Final = (
    "Set CONTRAPPOSTO_ENDPOINT_ROLE to the ARN of the role endpoints run under."
)
IMAGE: Final = "Container image"
NEW_ENDPOINTS: Final = "New endpoints"
SET_IMAGE: Final = "Push the container to ECR and set CONTRAPPOSTO_IMAGE to its address."
IS_THERE: Final = "is there"
IS_MISSING: Final = "is missing"


def bucket(name: str) -> str:
    """The check of the bucket."""
    return f"S3 bucket {name}"


def table(name: str) -> str:
    """The check of a table."""
    return f"DynamoDB table {name}"


def events(topic: str, queue: str) -> str:
    """The check of what tells of ended jobs."""
    return f"SNS topic {topic} and SQS queue {queue}"


EVENTS_ARE_MISSING: Final = (
    "missing. The studio works without them, but finds the end of a job later, and with more calls "
    "of S3. Endpoints that were created before have to be created anew to send messages."
)


def events_are_refused(error: str) -> str:
    """They may not be used; `error` is the whole message."""
    return f"{error} The studio works without them, but finds the end of a job later."


def identity(arn: str, region: str) -> str:
    """Whose the credentials are, and where they are used."""
    return f"{arn} in {region}"


def no_answer_in_time(seconds: float) -> str:
    """A check took longer than a page waits."""
    return f"AWS did not answer within {seconds:.0f} seconds. Look again."


def unexpected_answer(error: str) -> str:
    """What came is in no form of AWS; `error` is the name of ours."""
    return (
        f"could not be checked: the answer is none of AWS ({error}). Look for a proxy on the way, "
        "and at the log."
    )


def not_checked(error: str) -> str:
    """The check failed for another reason; `error` is the whole message."""
    return f"could not be checked. {error}"


def bucket_is_refused(error: str) -> str:
    """The bucket may not be used, and AWS doesn't say why; `error` is the whole message."""
    return f"{error} Choose another name with CONTRAPPOSTO_BUCKET if it belongs to somebody else."


def bucket_elsewhere(its_region: str, region: str) -> str:
    """SageMaker stores results in buckets of its own region only."""
    return (
        f"is in {its_region}, and endpoints are in {region}. Choose another bucket with "
        f"CONTRAPPOSTO_BUCKET, or set AWS_REGION to {its_region}."
    )


def bucket_use(name: str) -> str:
    """The check of what is done in the bucket."""
    return f"Reading and writing in {name}"


def bucket_public_access(name: str) -> str:
    """The check that nobody else can see what is in it."""
    return f"Public access to {name}"


def bucket_lifecycle(name: str) -> str:
    """The check of the lifecycle rule for broken-off uploads."""
    return f"Interrupted uploads in {name}"


def bucket_cors(name: str) -> str:
    """The check that pages may send parts of model files straight to the bucket."""
    return f"Uploads from browsers to {name}"


def parts_taken(origins: Iterable[str]) -> str:
    """A CORS rule lets the page send them."""
    return f"are allowed from {', '.join(origins)}"


def parts_refused(origins: Iterable[str]) -> str:
    """No CORS rule lets the page send them."""
    return (
        f"are refused by the bucket, as no CORS rule allows them from {', '.join(origins)}; "
        "uploads by path are not affected"
    )


def table_use(name: str) -> str:
    """The check of what is done in the table."""
    return f"Records in {name}"


TABLE_CAN_BE_USED: Final = "can be written, read, listed by each index and deleted"
CAN_BE_CREATED: Final = "can be created: SageMaker took role and image for a trial"
CAN_BE_USED: Final = "objects can be written, read, listed and deleted, also in parts"
CLOSED: Final = "is blocked"
NOT_CLOSED: Final = "is not blocked by the bucket"
UPLOADS_ARE_REMOVED: Final = "are removed by a lifecycle rule"
UPLOADS_ARE_KEPT: Final = "are kept, and paid for, as no lifecycle rule removes their parts"


def partly_closed(kinds: Iterable[str]) -> str:
    """Some of S3's four settings are off."""
    return f"is not blocked by {', '.join(kinds)}"


def table_lacks_indexes(names: Iterable[str], setting: str) -> str:
    """The table is another one's, or of an older version; `setting` names the table."""
    return (
        f"lacks the indexes {', '.join(names)}. Choose another table with {setting}, "
        "and it is created here."
    )


def table_lacks_later_indexes(names: Iterable[str]) -> str:
    """The table is of an older version, and can be used but for one list or the search."""
    return (
        f"lacks the index {', '.join(names)}: without by-visibility the list of the team's jobs "
        "can't be shown, without by-change the jobs can't be searched; everything else works. Add "
        "it here, one after the other: AWS fills it within minutes, while jobs go on."
    )


def index_not_active(status: str) -> str:
    """An index that was added is being filled."""
    return (
        f"can be used; an index that was added is {status}. What needs it, the list of the team's "
        "jobs or their search, works once it is ACTIVE."
    )


def adding_index_failed(table: str) -> str:
    """UpdateTable was refused."""
    return f"The index could not be added to the table {table}."


def table_of_another_kind(indexes: Iterable[str], setting: str) -> str:
    """Keys or projections are not those that are asked by; `setting` names the table."""
    names = ", ".join(indexes)
    which = f"its indexes {names} have other keys or don't hold whole records" if names else ""
    return (
        f"is of another kind: {which or 'it has another key'}. Choose another table with "
        f"{setting}, and it is created here."
    )


def table_not_active(status: str) -> str:
    """The table, or an index of it, is being made or removed."""
    return f"is {status}. Look again in half a minute: it must be ACTIVE."


def no_role_arn(role: str) -> str:
    """Not the ARN of a role."""
    return f"{role} is no role's ARN, such as arn:aws:iam::123456789012:role/name."


def role_elsewhere(role: str, account: str) -> str:
    """SageMaker takes roles of its own account only."""
    return f"{role} is not of the account {account}. Set CONTRAPPOSTO_ENDPOINT_ROLE to one that is."


def role_is_missing(role: str) -> str:
    """IAM has none of that name."""
    return f"{role} is missing. Create it in IAM, or correct CONTRAPPOSTO_ENDPOINT_ROLE."


def role_of_another_arn(role: str, arn: str) -> str:
    """The name is right; partition or path are not."""
    return f"{role} is missing; the role of that name is {arn}. Correct CONTRAPPOSTO_ENDPOINT_ROLE."


def role_does_not_trust(role: str, service: str) -> str:
    """The service may not assume it."""
    return f"{role} can't be used by SageMaker. Allow {service} sts:AssumeRole in its trust policy."


def no_ecr_image(image: str) -> str:
    """Not an image in ECR."""
    return (
        f"{image} is no image in ECR, such as "
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1."
    )


def image_elsewhere(image: str, its_region: str, region: str) -> str:
    """SageMaker takes images of its own region only."""
    return f"{image} is in {its_region}; push it to ECR in {region}, where the endpoints are."


def image_is_missing(image: str) -> str:
    """ECR has no such repository, tag or digest."""
    return f"{image} is missing in ECR. Push it there, or correct CONTRAPPOSTO_IMAGE."


def image_is_index(image: str) -> str:
    """An index of images for several platforms, as docker buildx pushes with its provenance."""
    return (
        f"{image} is an index of images, which SageMaker does not take. Build it with "
        "`docker buildx build --provenance=false --output type=docker` for one platform, and push "
        "it again."
    )


def image_is_oci(image: str) -> str:
    """Of OCI's media type; not every region of SageMaker takes it."""
    return (
        f"{image} is in OCI's format, which SageMaker may refuse. If it does, build it with "
        "`docker buildx build --provenance=false --output type=docker`, and push it again."
    )


def image_of(image: str, architecture: str) -> str:
    """The image and the processors it is for."""
    return f"{image} for {architecture}"


def image_of_another_architecture(image: str, its: str, instance_type: str, wanted: str) -> str:
    """The image is made for other processors than the instance type has."""
    return (
        f"{image} is for {its}, and {instance_type} is {wanted}. Build it with "
        f"`--platform linux/{wanted}`, or choose another CONTRAPPOSTO_INSTANCE_TYPE."
    )


def no_image_configuration(status: int) -> str:
    """What ECR gave for the image's configuration is none; `status` is HTTP's."""
    return f"The configuration of the image can't be read (HTTP status {status})."


# ---- what AWS was asked for
PROBE_UPLOAD_FAILED: Final = "Trying an upload in parts failed"
TABLE_PROBE_FAILED: Final = "Trying a record failed"
PUBLIC_ACCESS_CHECK_FAILED: Final = "Looking at the bucket's public access failed"
CORS_CHECK_FAILED: Final = "Looking at the bucket's CORS rules failed"
LIFECYCLE_CHECK_FAILED: Final = "Looking at the bucket's lifecycle rules failed"
ROLE_CHECK_FAILED: Final = "Looking at the role failed"
IMAGE_CHECK_FAILED: Final = "Looking at the image failed"
IDENTITY_FAILED: Final = "Asking AWS who you are failed"
TABLE_CHECK_FAILED: Final = "Looking at the table failed"


def creating_bucket_failed(name: str) -> str:
    """CreateBucket."""
    return f"Creating the bucket {name} failed"


def configuring_bucket_failed(name: str) -> str:
    """PutBucketLifecycleConfiguration."""
    return f"Setting up the bucket {name} failed"


def setting_cors_failed(name: str) -> str:
    """PutBucketCors."""
    return f"Letting browsers send files to the bucket {name} failed"


def tagging_bucket_failed(name: str) -> str:
    """GetBucketTagging and PutBucketTagging."""
    return f"Tagging the bucket {name} failed"


def closing_bucket_failed(name: str) -> str:
    """PutPublicAccessBlock."""
    return f"Closing the bucket {name} to the public failed"


def creating_table_failed(name: str) -> str:
    """CreateTable."""
    return f"Creating the table {name} failed"
