"""The bucket's own rules: closed to the public, interrupted uploads removed after 3 days, and the
studio's own page allowed to send parts of model files (CORS)."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.aws.tags import cost_tags
from core.errors import AwsError, AwsNotFound
from core.setup.checks import Check, SetupAction, advised, in_place, not_checked
from core.texts import setup as texts
from formats.keys import MODELS

_CLOSED: Final[Any] = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}

_UPLOADS: Final[Any] = {
    "ID": "broken-off-uploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
}

_CORS_ID: Final = "contrapposto-uploads"
_CORS_HEADERS: Final = ("content-type", "x-amz-*")
_SENT_HEADERS: Final = ("content-type", "x-amz-checksum-sha256")
_PREFLIGHT_SECONDS: Final = 3600

_MINIMUM_SIZE: Final = "TransitionDefaultMinimumObjectSize"


class BucketRules:
    """Reads the rules, and sets them again; jobs can be run without them."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self._s3: Any = aws.s3_for_pages
        self._bucket = bucket

    def public_access(self) -> Check:
        """Whether all four kinds of public access are blocked."""
        name = texts.bucket_public_access(self._bucket)
        try:
            with translate_errors(texts.PUBLIC_ACCESS_CHECK_FAILED):
                answer = self._s3.get_public_access_block(Bucket=self._bucket)
        except AwsNotFound:
            return advised(name, texts.NOT_CLOSED, SetupAction.CLOSE_BUCKET)
        except AwsError as error:
            return not_checked(name, error, "s3:GetBucketPublicAccessBlock")
        found: Any = answer["PublicAccessBlockConfiguration"]
        open_for = [kind for kind in _CLOSED if not found.get(kind)]
        if open_for:
            return advised(name, texts.partly_closed(open_for), SetupAction.CLOSE_BUCKET)
        return in_place(name, texts.CLOSED)

    def lifecycle(self) -> Check:
        """Whether a rule removes the parts of uploads that nobody ends."""
        name = texts.bucket_lifecycle(self._bucket)
        try:
            found = self._lifecycle()
        except AwsError as error:
            return not_checked(name, error, "s3:GetLifecycleConfiguration")
        if any(_removes_uploads(rule) for rule in found["Rules"]):
            return in_place(name, texts.UPLOADS_ARE_REMOVED)
        return advised(name, texts.UPLOADS_ARE_KEPT, SetupAction.SET_LIFECYCLE)

    def cors(self, origins: Sequence[str]) -> Check:
        """Whether pages of all these origins may send parts."""
        name = texts.bucket_cors(self._bucket)
        try:
            rules = self._cors()
        except AwsError as error:
            return not_checked(name, error, "s3:GetBucketCORS")
        lacking = [each for each in origins if not any(_takes_parts(rule, each) for rule in rules)]
        if lacking:
            return advised(name, texts.parts_refused(lacking), SetupAction.SET_CORS)
        return in_place(name, texts.parts_taken(origins))

    def close_to_public(self) -> None:
        """Block all public access. Raises AwsError."""
        with translate_errors(texts.closing_bucket_failed(self._bucket)):
            self._s3.put_public_access_block(
                Bucket=self._bucket, PublicAccessBlockConfiguration=_CLOSED
            )

    def set_lifecycle(self) -> None:
        """Add the rule to those that the bucket has, which S3 takes only all at once.

        Raises AwsError, also where the rules there can't be read, as they would be lost.
        """
        found = self._lifecycle()
        rules = [rule for rule in found["Rules"] if rule.get("ID") != _UPLOADS["ID"]]
        others = {name: found[name] for name in (_MINIMUM_SIZE,) if name in found}
        with translate_errors(texts.configuring_bucket_failed(self._bucket)):
            self._s3.put_bucket_lifecycle_configuration(
                Bucket=self._bucket,
                LifecycleConfiguration={"Rules": [*rules, _UPLOADS]},
                **others,
            )

    def set_cors(self, origins: Sequence[str]) -> None:
        """Let pages of these origins send parts; every other rule, and each origin that another
        studio on this bucket added to ours, stays. Raises AwsError."""
        if not origins:
            return
        rules = self._cors()
        ours = [rule for rule in rules if rule.get("ID") == _CORS_ID]
        others = [rule for rule in rules if rule.get("ID") != _CORS_ID]
        known = [origin for rule in ours for origin in rule["AllowedOrigins"]]
        rule = {
            "ID": _CORS_ID,
            "AllowedMethods": ["PUT"],
            "AllowedOrigins": list(dict.fromkeys([*known, *origins])),
            "AllowedHeaders": list(_CORS_HEADERS),
            "MaxAgeSeconds": _PREFLIGHT_SECONDS,
        }
        with translate_errors(texts.setting_cors_failed(self._bucket)):
            self._s3.put_bucket_cors(
                Bucket=self._bucket, CORSConfiguration={"CORSRules": [*others, rule]}
            )

    def set_tags(self, team: str) -> None:
        """Add the team's cost-allocation tag to those that the bucket has. Raises AwsError."""
        with translate_errors(texts.tagging_bucket_failed(self._bucket)):
            tags = {tag["Key"]: tag for tag in (*self._tags(), *cost_tags(team=team))}
            self._s3.put_bucket_tagging(
                Bucket=self._bucket, Tagging={"TagSet": list(tags.values())}
            )

    def _tags(self) -> Any:
        try:
            with translate_errors(texts.tagging_bucket_failed(self._bucket)):
                return self._s3.get_bucket_tagging(Bucket=self._bucket)["TagSet"]
        except AwsNotFound as error:
            if error.code != "NoSuchTagSet":
                raise
            return []

    def _cors(self) -> list[Any]:
        try:
            with translate_errors(texts.CORS_CHECK_FAILED):
                rules: list[Any] = self._s3.get_bucket_cors(Bucket=self._bucket)["CORSRules"]
        except AwsNotFound as error:
            if error.code != "NoSuchCORSConfiguration":
                raise
            return []
        return rules

    def _lifecycle(self) -> Any:
        try:
            with translate_errors(texts.LIFECYCLE_CHECK_FAILED):
                return self._s3.get_bucket_lifecycle_configuration(Bucket=self._bucket)
        except AwsNotFound as error:
            if error.code != "NoSuchLifecycleConfiguration":
                raise
            return {"Rules": []}


def _removes_uploads(rule: Any) -> bool:
    """Whether a lifecycle rule removes interrupted uploads of models."""
    where = rule.get("Filter", rule)  # rules of before 2016 have the prefix beside the status
    is_narrowed = "Filter" in rule and set(where) - {"Prefix"}
    return bool(
        rule["Status"] == "Enabled"
        and "AbortIncompleteMultipartUpload" in rule
        and not is_narrowed
        and MODELS.startswith(where.get("Prefix", ""))
    )


def _takes_parts(rule: Any, origin: str) -> bool:
    """Whether a CORS rule lets a page of that origin PUT with the headers that it sends.

    Origins and headers may hold one `*` (CORS elements, S3 user guide).
    """
    patterns = [pattern.lower() for pattern in rule.get("AllowedHeaders", ())]
    return (
        "PUT" in rule["AllowedMethods"]
        and any(_fits(origin, pattern) for pattern in rule["AllowedOrigins"])
        and all(any(_fits(name, pattern) for pattern in patterns) for name in _SENT_HEADERS)
    )


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]").replace("?", "[?]"))
