"""The SDK's resource classes as far as they are used: `create` with snake-case names, upon boto3.

The SDK itself takes 1 GB, which no test needs: its generated classes do the same to each argument.
"""

from typing import Any

from botocore import xform_name


class _Resource:
    operation: str

    @classmethod
    def create(cls, *, session: Any, region: str, **arguments: Any) -> None:
        """Refuse what the operation has no argument of, and call it."""
        client = session.client("sagemaker", region_name=region)
        shape = client.meta.service_model.operation_model(cls.operation).input_shape
        getattr(client, xform_name(cls.operation))(**_long_names(shape, arguments))


class Model(_Resource):
    """CreateModel."""

    operation = "CreateModel"


class EndpointConfig(_Resource):
    """CreateEndpointConfig."""

    operation = "CreateEndpointConfig"


class Endpoint(_Resource):
    """CreateEndpoint."""

    operation = "CreateEndpoint"


def _long_names(shape: Any, value: Any) -> Any:
    """The value under AWS's names, by the service's model."""
    if shape.type_name == "structure":
        members = {xform_name(name): (name, member) for name, member in shape.members.items()}
        return {members[key][0]: _long_names(members[key][1], each) for key, each in value.items()}
    if shape.type_name == "list":
        return [_long_names(shape.member, each) for each in value]
    return value
