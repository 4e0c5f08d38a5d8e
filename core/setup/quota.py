"""Checks the account's quota of an instance type, which is often 0 in a new account."""

from typing import Any

from core.aws.client import translate_errors
from core.endpoints.capacity.quotas import SERVICE_CODE, quota_type
from core.errors import AwsError
from core.setup.checks import Check, failed, in_place, not_checked, unknown
from core.texts import quotas as texts


def check_quota(instance_type: str, quotas: Any) -> Check:
    """How many instances of the type the account's endpoints may have in the region.

    SageMaker has thousands of quotas, in pages of 100: this takes seconds.
    """
    name = texts.quota(instance_type)
    try:
        found = _find(instance_type, quotas)
    except AwsError as error:
        return not_checked(name, error, "servicequotas:ListServiceQuotas")
    if found is None:
        return unknown(name, texts.no_quota(instance_type))
    if found["Value"] < 1:
        region = quotas.meta.region_name
        return failed(name, texts.quota_is_zero(instance_type, region, found["QuotaCode"]))
    return in_place(name, texts.quota_of(int(found["Value"])))


def _find(instance_type: str, quotas: Any) -> Any:
    with translate_errors(texts.QUOTA_CHECK_FAILED):
        pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode=SERVICE_CODE)
        for page in pages:
            for quota in page["Quotas"]:
                if quota_type(quota["QuotaName"]) == instance_type:
                    return quota
    return None
