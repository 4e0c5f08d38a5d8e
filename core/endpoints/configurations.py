"""Reads what an endpoint's configuration and tags say, and knows it for a minute."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core.aws.ascii_values import decode_value
from core.aws.client import translate_errors
from core.aws.tags import BUCKET_TAG, OWNER_TAG
from core.endpoints.instance_pools import instance_type_of
from core.endpoints.scaling.order_tag import APPLIED_TAG, HELD_TAG, ORDER_TAG, decode_order
from core.endpoints.status import EndpointConfig
from core.errors import AwsNotFound
from core.ids import Clock
from core.texts import endpoints as texts

if TYPE_CHECKING:
    from types_boto3_sagemaker import SageMakerClient
    from types_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef

_SECONDS: Final = 60.0
"""AWS never lets a configuration change, but another dashboard may change the tags."""

_DELETED: Final = EndpointConfig(instance_type="", is_ours=False, owner="")
"""One that is gone, of which nothing is known."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class EndpointConfigurations:
    """The configurations of the endpoints; `uri` is the studio's bucket."""

    def __init__(self, reader: "SageMakerClient", uri: str, clock: Clock) -> None:
        self._reader = reader
        self._uri = uri
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[EndpointConfig, datetime]] = {}

    def of(self, answer: "DescribeEndpointOutputTypeDef") -> EndpointConfig:
        """What belongs to a described endpoint. Raises AwsError."""
        key = answer["EndpointArn"], answer["EndpointConfigName"]
        config, read_at = self._known.get(key, (None, _NEVER))
        if config is None or (self._clock() - read_at).total_seconds() > _SECONDS:
            config = self._read(answer) or config or _DELETED
            self._known[key] = config, self._clock()
        return config

    def forget(self, name: str) -> None:
        """Read an endpoint again: its tags have changed."""
        known = self._known.items()
        self._known = {key: value for key, value in known if not key[0].endswith(f"/{name}")}

    def _read(self, answer: "DescribeEndpointOutputTypeDef") -> EndpointConfig | None:
        """None where it is gone, as that of an endpoint that is being deleted."""
        try:
            with translate_errors(texts.READING_CONFIG_FAILED):
                config = self._reader.describe_endpoint_config(
                    EndpointConfigName=answer["EndpointConfigName"]
                )
                tags = self._reader.list_tags(ResourceArn=answer["EndpointArn"])["Tags"]
        except AwsNotFound:
            return None
        output = config.get("AsyncInferenceConfig", {}).get("OutputConfig", {})
        values = {tag["Key"]: tag["Value"] for tag in tags}
        bucket = values.get(BUCKET_TAG, "")
        output_path = str(output.get("S3OutputPath", f"s3://{bucket}/"))
        order = values.get(ORDER_TAG, "")
        return EndpointConfig(
            instance_type=instance_type_of(config["ProductionVariants"][0]),
            is_ours=output_path.startswith(self._uri),
            owner=decode_value(values.get(OWNER_TAG, "")),
            is_asynchronous="AsyncInferenceConfig" in config,
            scaling=decode_order(order),
            scaling_applied=order == values.get(APPLIED_TAG),
            is_held=bool(values.get(HELD_TAG)),
            models=tuple(one["ModelName"] for one in config["ProductionVariants"]),
        )
