"""What people keep, which outlives a stack: the bucket and the tables; found, and deleted."""

from collections.abc import Callable
from functools import partial
from typing import Any

from core.aws.client import translate_errors
from core.errors import AwsNotFound, ConfigurationError
from deploy import texts
from deploy.account import Account


def tables_of(stack: str) -> tuple[str, ...]:
    """The tables of a stack of that name."""
    return f"{stack}-jobs", f"{stack}-records"


def data_exists(account: Account, bucket: str, tables: tuple[str, ...]) -> bool:
    """Whether an earlier stack left them. Raises ConfigurationError where some are missing."""
    s3, dynamodb = account.client("s3"), account.client("dynamodb")
    asked = {bucket: lambda: s3.head_bucket(Bucket=bucket)}
    asked |= {name: partial(dynamodb.describe_table, TableName=name) for name in tables}
    found = [name for name, ask in asked.items() if _is_there(ask)]
    missing = [name for name in asked if name not in found]
    if found and missing:
        raise ConfigurationError(texts.kept_in_part(found, missing))
    return bool(found)


def _is_there(ask: Callable[[], object]) -> bool:
    try:
        with translate_errors(texts.READING_DATA_FAILED):
            ask()
    except AwsNotFound:
        return False
    return True


def delete_data(account: Account, bucket: str, tables: tuple[str, ...]) -> None:
    """Delete the bucket with every version of every object, and the tables. Raises AwsError."""
    with translate_errors(texts.emptying_failed(bucket)):
        _delete_bucket(account.client("s3"), bucket)
    dynamodb = account.client("dynamodb")
    for table in tables:
        try:
            with translate_errors(texts.emptying_failed(table)):
                dynamodb.delete_table(TableName=table)
        except AwsNotFound:
            continue


def _delete_bucket(s3: Any, bucket: str) -> None:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    for page in pages:
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    s3.delete_bucket(Bucket=bucket)
