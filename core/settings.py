"""The settings: read once from the environment, typed, documented in docs/settings.md."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import (
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigurationError
from core.team.users import Role
from core.texts import setup as texts
from formats.instance_hosts import DRIVERS, NEWEST_AMI

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EMBEDDED_IMAGE: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com/contrapposto:embedded"
EMBEDDED_ROLE: Final = "arn:aws:iam::123456789012:role/contrapposto-endpoint"

LEAST_SECRET_BYTES: Final = 32
"""What is signed with fewer can be forged by trying."""

MOST_SECRETS: Final = 2
"""The one that signs, and the one before it."""


class Backend(StrEnum):
    """Where S3, DynamoDB and SageMaker are."""

    EMBEDDED = "embedded"
    AWS = "aws"


class Identity(StrEnum):
    """How the dashboard knows who asks."""

    NONE = "none"
    OIDC = "oidc"
    ALB = "alb"


BucketName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]


class Settings(BaseSettings):
    """Every setting has a default that runs on the embedded AWS; the prefix is CONTRAPPOSTO_."""

    model_config = SettingsConfigDict(env_prefix="CONTRAPPOSTO_", frozen=True, extra="ignore")

    backend: Backend = Field(
        Backend.EMBEDDED,
        description="`embedded`: an AWS of its own on this machine. `aws`: your account.",
    )
    data: Path = Field(
        Path(".data"),
        description="Folder of the embedded AWS, jobs and records; `make clean-data` removes it.",
    )
    bucket: BucketName = Field(
        "contrapposto", description="S3 bucket for models, inputs and images."
    )
    table: str = Field(
        "contrapposto-jobs",
        pattern=r"^[a-zA-Z0-9_.-]{3,255}$",
        description="DynamoDB table of the job list (`aws` only).",
    )
    records_table: str = Field(
        "contrapposto-records",
        pattern=r"^[a-zA-Z0-9_.-]{3,255}$",
        description="DynamoDB table of everything else that is kept: budgets, usage, prices "
        "(`aws` only).",
    )
    events_topic: str = Field(
        "",
        max_length=256,
        description="SNS topic, name or ARN, that SageMaker tells of ended jobs; empty takes the "
        "table's name with `-ended`.",
    )
    events_queue: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9_-]{0,80}$",
        description="SQS queue behind that topic, of this studio alone; empty takes the same name.",
    )
    region: str = Field(
        "",
        max_length=32,
        description="AWS region; empty takes AWS_REGION, AWS_DEFAULT_REGION or the profile's.",
    )
    endpoint_role: str = Field(
        "", max_length=2048, description="ARN of the IAM role that endpoints run under."
    )
    image: str = Field(
        "", max_length=255, description="ECR address of the container image (`aws` only)."
    )
    instance_type: str = Field(
        "ml.g5.xlarge",
        pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$",
        description="Instance type that a new endpoint is offered with.",
    )
    price_file: Path | None = Field(
        None,
        description="JSON file of instance prices that goes before AWS's; empty takes none.",
    )
    inference_ami: str = Field(
        NEWEST_AMI,
        description="InferenceAmiVersion of new GPU endpoints: the host's NVIDIA driver; empty "
        "takes AWS's own.",
    )
    image_cuda: str = Field(
        "13.0",
        pattern=r"^[1-9][0-9]\.[0-9]$",
        description="Release of CUDA that the container image is built with.",
    )
    volume_gb: int = Field(
        64,
        ge=1,
        le=512,
        description="Disk of an endpoint's instance in GB, where its type has none of its own.",
    )
    team: str = Field(
        "",
        max_length=128,
        description="Team that pays: a cost-allocation tag on all that is created in your account.",
    )
    kms_key: str = Field(
        "",
        max_length=2048,
        pattern=r"^[a-zA-Z0-9:/_-]*$",
        description="KMS key (id, ARN or alias) for what is written to S3 and for endpoints' disks "
        "(`aws` only).",
    )
    subnets: str = Field(
        "",
        pattern=r"^(subnet-[0-9a-f]+(,subnet-[0-9a-f]+){0,15})?$",
        description="Subnets of your VPC that endpoints run in, joined by commas.",
    )
    security_groups: str = Field(
        "",
        pattern=r"^(sg-[0-9a-f]+(,sg-[0-9a-f]+){0,4})?$",
        description="Their security groups, joined by commas; both or neither.",
    )
    detailed_metrics: bool = Field(
        True,
        description="Whether AWS reads new endpoints' figures (jobs, GPU, host) into CloudWatch "
        "each minute.",
    )
    emf: bool = Field(
        False,
        description="Whether new endpoints write each job's figures to their log, as CloudWatch "
        "metrics.",
    )
    container_python: Path = Field(
        Path(".venv-container/bin/python"),
        description="Python of the CPU container that the embedded AWS starts.",
    )
    demo: bool = Field(
        True,
        description="Whether the first start of the embedded AWS brings the demo models.",
    )
    poll_seconds: float = Field(
        1, ge=0.1, le=60, description="Seconds between two polls of the jobs that a page shows."
    )
    heartbeat_seconds: float = Field(
        45, ge=5, le=3600, description="A running job that is silent for longer has failed."
    )
    request_ttl_seconds: int = Field(
        21600, ge=60, le=21600, description="A job that waited longer in the queue has expired."
    )
    identity: Identity = Field(
        Identity.NONE,
        description="How the dashboard knows who asks. `none`: everybody is `local` and may all. "
        "`oidc`: the login of the secrets' section `[auth]`. `alb`: the signed header of an "
        "Application Load Balancer.",
    )
    admins: str = Field(
        "",
        max_length=4096,
        description="Who is always an admin: e-mail addresses or names, joined by commas. The "
        "first admin is named here.",
    )
    default_role: Role = Field(
        Role.ARTIST, description="Role of whoever signs in and has no other."
    )
    group_roles: str = Field(
        "",
        max_length=4096,
        description="Roles by the identity provider's groups: `designers=artist,platform=admin`; "
        "the highest counts.",
    )
    allow_no_login: bool = Field(
        False, description="Serve other machines although no login is configured."
    )
    session_hours: float = Field(
        12, gt=0, le=720, description="Hours that a login is good for; then it is asked for anew."
    )
    alb_arn: str = Field(
        "",
        pattern=r"^(arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/app/"
        r"[a-zA-Z0-9-]+/[0-9a-f]+)?$",
        description="ARN of the load balancer whose signed header is believed (`alb` only); its "
        "region is where the keys are.",
    )
    alb_keys_url: str = Field(
        "",
        max_length=512,
        pattern=r"^((https://|http://(localhost|127\.0\.0\.1)[:/])\S+)?$",
        description="Address with https below which that load balancer's public keys lie; empty "
        "takes AWS's.",
    )
    sign_out_url: str = Field(
        "",
        max_length=2048,
        pattern=r"^(https?://\S+)?$",
        description="Where a sign-out leads to with `alb`: the identity provider's own logout.",
    )
    public_url: str = Field(
        "",
        max_length=255,
        pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]+)?/?)?$",
        description="Address that people open the studio by; where people sign in, no other host "
        "is served. `https`, but for this machine itself. Empty takes that of `redirect_uri` with "
        "`oidc`.",
    )
    upload_roots: str = Field(
        "",
        max_length=4096,
        description="Folders on the dashboard's machine that model files may be uploaded from by "
        "their path, joined by `:`. Empty is any without a login, and none where people sign in or "
        "`CONTRAPPOSTO_ALLOW_NO_LOGIN` is set.",
    )
    operator: str = Field(
        "",
        max_length=200,
        description="Who runs this studio and how to reach them; shown where people sign in.",
    )
    audit_days: int = Field(
        400,
        ge=1,
        le=3650,
        description="Days that the audit keeps who did what; what is older is deleted day by day.",
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="Key that signs the app's own URLs, 32 bytes at least; empty makes one at "
        "each start. Two joined by a comma are the new one, which signs, and the one before, "
        "which is still accepted.",
    )
    old_cookie_secret: SecretStr = Field(
        SecretStr(""),
        description="The `cookie_secret` of `[auth]` before a change of it: logins that it signed "
        "still count.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Log level.")

    @field_validator("old_cookie_secret")
    @classmethod
    def _check_old_secret(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value().encode()) < LEAST_SECRET_BYTES:
            raise PydanticCustomError("short_secret", texts.short_secret(LEAST_SECRET_BYTES))
        return secret

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value().strip()
        keys = value.split(",") if value else []
        if any(len(key.strip().encode()) < LEAST_SECRET_BYTES for key in keys):
            raise PydanticCustomError("short_secret", texts.short_secret(LEAST_SECRET_BYTES))
        if len(keys) > MOST_SECRETS:
            raise PydanticCustomError("many_secrets", texts.MANY_SECRETS)
        return SecretStr(",".join(key.strip() for key in keys))

    @field_validator("upload_roots")
    @classmethod
    def _check_roots(cls, text: str) -> str:
        if not all(Path(name).is_absolute() for name in text.split(os.pathsep) if name):
            raise PydanticCustomError("relative_root", texts.RELATIVE_ROOT)
        return text

    @field_validator("inference_ami")
    @classmethod
    def _check_ami(cls, ami: str) -> str:
        if ami and ami not in DRIVERS:
            raise PydanticCustomError("unknown_ami", texts.UNKNOWN_AMI)
        return ami

    @field_validator("group_roles")
    @classmethod
    def _check_group_roles(cls, text: str) -> str:
        for pair in filter(None, text.split(",")):
            group, _, role = pair.rpartition("=")
            if not group.strip() or role.strip() not in set(Role):
                raise PydanticCustomError("unknown_role", texts.unknown_role(list(Role)))
        return text

    @model_validator(mode="after")
    def _check_vpc(self) -> Self:
        if bool(self.subnets) is not bool(self.security_groups):
            raise PydanticCustomError("half_a_vpc", texts.HALF_A_VPC)
        return self

    @property
    def embedded(self) -> bool:
        """Whether the AWS is the one on this machine."""
        return self.backend is Backend.EMBEDDED

    @property
    def origins(self) -> tuple[str, ...]:
        """Scheme and host of the pages; none where no public address is set."""
        return tuple(filter(None, (self.public_url.rstrip("/").lower(),)))

    @property
    def admin_names(self) -> frozenset[str]:
        """Names and e-mail addresses of those who are always admins, in lower case."""
        return frozenset(name.strip().lower() for name in self.admins.split(",") if name.strip())

    @property
    def roles_by_group(self) -> dict[str, Role]:
        """The role of each group of the identity provider."""
        pairs = (pair.rpartition("=") for pair in self.group_roles.split(",") if pair)
        return {group.strip(): Role(role.strip()) for group, _, role in pairs}

    @property
    def has_identity(self) -> bool:
        """Whether people sign in, so that roles and owners count."""
        return self.identity is not Identity.NONE

    @property
    def upload_folders(self) -> tuple[Path, ...] | None:
        """Where uploads by path may read from; None for anywhere."""
        folders = tuple(Path(name) for name in self.upload_roots.split(os.pathsep) if name)
        return folders or (() if self.has_identity or self.allow_no_login else None)

    @property
    def session_seconds(self) -> float:
        """How long a login is good for."""
        return self.session_hours * 3600

    @property
    def signing_keys(self) -> tuple[bytes, ...]:
        """The key that signs, and the one before where there is one; none where none is set."""
        value = self.secret.get_secret_value()
        return tuple(key.encode() for key in value.split(",")) if value else ()

    @property
    def encryption_key(self) -> str:
        """The KMS key; empty on the embedded AWS, which has no KMS."""
        return "" if self.embedded else self.kms_key

    @property
    def container_image(self) -> str:
        """The image an endpoint runs; the embedded AWS starts its container process for any."""
        return self.image or EMBEDDED_IMAGE

    @property
    def role(self) -> str:
        """The role an endpoint runs under; the embedded AWS takes any."""
        return self.endpoint_role or EMBEDDED_ROLE


def load_settings() -> Settings:
    """Read the environment. Raises ConfigurationError with every setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [_setting_error(details) for details in error.errors(include_url=False)]
        raise ConfigurationError(texts.wrong_settings(wrong)) from error


def _setting_error(details: "ErrorDetails") -> str:
    """`CONTRAPPOSTO_POLL_SECONDS can't be used: ...`, without the value: it may be a secret."""
    name = "_".join(str(part) for part in details["loc"]).upper()
    return texts.wrong_setting(f"CONTRAPPOSTO_{name}", details["msg"])
