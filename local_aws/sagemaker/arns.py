"""Names of things in this account and region, as Amazon Resource Names."""

from dataclasses import dataclass

# moto's account, so that what it names and what is named here belong together.
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Arns:
    """Makes ARNs of one region."""

    region: str

    def of(self, kind: str, name: str) -> str:
        """The ARN of a `model`, `endpoint-config` or `endpoint`."""
        return f"arn:aws:sagemaker:{self.region}:{ACCOUNT}:{kind}/{name}"
