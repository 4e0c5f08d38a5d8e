"""Owns the account's id and how its Amazon Resource Names (ARNs) are built."""

# moto's account, so that its resources and those stored here belong together.
ACCOUNT_ID = "123456789012"


def build_arn(service: str, region: str, resource: str) -> str:
    """The ARN of a resource in this account; `resource` is its type and id, as in `model/NAME`."""
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{resource}"
