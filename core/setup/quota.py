"""Checks the account's quota of an instance type, which is often 0 in a new account."""

from typing import Any

from core.endpoints.capacity.quotas import endpoint_quotas
from core.errors import AwsError
from core.setup.checks import Check, failed, in_place, not_checked, unknown
from core.texts import quotas as texts


def check_quota(instance_type: str, quotas: Any) -> Check:
    """How many instances of the type the account's endpoints may have in the region."""
    name = texts.quota(instance_type)
    try:
        known = endpoint_quotas(quotas)
        found = next((quota for kind, quota in known if kind == instance_type), None)
    except AwsError as error:
        return not_checked(name, error, "servicequotas:ListServiceQuotas")
    if found is None:
        return unknown(name, texts.no_quota(instance_type))
    if found["Value"] < 1:
        region = quotas.meta.region_name
        return failed(name, texts.quota_is_zero(instance_type, region, found["QuotaCode"]))
    return in_place(name, texts.quota_of(int(found["Value"])))
