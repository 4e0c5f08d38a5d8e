"""The settings: read once from the environment, typed, documented in docs/settings.md."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigurationError
from core.texts import setup as texts

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EMBEDDED_IMAGE: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com/contrapposto:embedded"
EMBEDDED_ROLE: Final = "arn:aws:iam::123456789012:role/contrapposto-endpoint"

LEAST_SECRET_BYTES: Final = 32
"""What is signed with fewer can be forged by trying."""


class Backend(StrEnum):
    """Where S3, DynamoDB and SageMaker are."""

    EMBEDDED = "embedded"
    AWS = "aws"


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
    container_python: Path = Field(
        Path(".venv-container/bin/python"),
        description="Python of the CPU container that the embedded AWS starts.",
    )
    demo: bool = Field(
        True,
        description="Whether the first start of the embedded AWS brings the demo models.",
    )
    poll_seconds: float = Field(
        0.5, ge=0.1, le=60, description="Seconds between two polls of the open jobs."
    )
    heartbeat_seconds: float = Field(
        45, ge=5, le=3600, description="A running job that is silent for longer has failed."
    )
    request_ttl_seconds: int = Field(
        21600, ge=60, le=21600, description="A job that waited longer in the queue has expired."
    )
    allow_no_login: bool = Field(
        False, description="Serve other machines although no login is configured."
    )
    session_hours: float = Field(
        12, gt=0, le=720, description="Hours that a login is good for; then it is asked for anew."
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="Key that signs the app's own URLs, 32 bytes at least; empty makes one at "
        "each start.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Log level.")

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value().strip()
        if value and len(value.encode()) < LEAST_SECRET_BYTES:
            raise PydanticCustomError("short_secret", texts.short_secret(LEAST_SECRET_BYTES))
        return SecretStr(value)

    @property
    def embedded(self) -> bool:
        """Whether the AWS is the one on this machine."""
        return self.backend is Backend.EMBEDDED

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
