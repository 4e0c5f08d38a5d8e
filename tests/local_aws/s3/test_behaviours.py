"""The table of behaviours, on our S3 and on moto's; where moto does otherwise is stated."""

import pytest
from types_boto3_s3 import S3Client

from tests.local_aws.s3.behaviours.__main__ import MODULES
from tests.local_aws.s3.table import BEHAVIOURS, failure_of, new_bucket

MOTO_DIFFERS = {
    "aborted_upload_is_gone": "a part sent to an aborted upload is answered 500",
    "any_key_is_only_a_name": "a line end in a key is answered 404",
    "browser_may_read_what_a_rule_allows": "any origin is allowed",
    "bucket_names_are_checked": "capitals are accepted",
    "browser_sends_parts_to_presigned_addresses": "no rule is looked at",
    "buckets_are_listed_by_prefix_and_page": "no continuation token is given",
    "checksum_of_every_algorithm_is_checked": "checksums are neither checked nor returned",
    "checksums_of_parts_are_kept": "they are not",
    "completing_twice_is_fine": "answered 500",
    "copied_part_has_the_checksum_of_its_upload": "it has none",
    "cors_rules_that_say_nothing_are_refused": "wildcards are not counted",
    "content_md5_is_checked": "Content-MD5 is not checked",
    "deleting_many_quietly_tells_nothing": "Quiet is ignored",
    "key_of_1024_bytes_is_the_longest": "characters are counted, not bytes",
    "list_refuses_a_token_it_did_not_give": "any token is accepted",
    "list_v1_names_the_next_marker_with_a_delimiter": "NextMarker is left out",
    "metadata_is_limited_to_2_kib": "there is no limit",
    "metadata_may_be_utf8": "it is answered as it came, not as an encoded word",
    "multipart_checksum_is_composite": "the -N is left out",
    "new_bucket_is_encrypted_and_private": "nothing is set",
    "nobody_else_gets_access": "a public ACL is accepted",
    "part_is_copied_on_condition_of_the_source": "conditions of the source are not checked",
    "part_can_be_read_alone": "PartsCount is left out",
    "parts_that_do_not_fit_are_refused": "sizes are checked before the order",
    "preflight_is_allowed_by_a_rule": "answered without the bucket's rules",
    "preflight_is_refused_without_a_rule": "answered without the bucket's rules",
    "presigned_part_holds_what_was_signed": "signatures are not checked",
    "presigned_url_expires": "served for ever",
    "presigned_url_serves_what_was_signed_alone": "signatures are not checked",
    "range_outside_the_source_is_refused": "a range of a small source is copied",
    "unknown_access_key_is_refused": "keys are not checked",
    "unsigned_request_is_refused": "signatures are not needed",
    "uploads_are_listed_page_by_page": "MaxUploads is ignored",
    "uploads_are_rolled_up": "the delimiter is ignored",
    "what_is_not_honoured_is_refused": "it is accepted",
    "what_no_bucket_has_is_refused": "it is accepted",
    "wrong_secret_is_refused": "signatures are not checked",
}


def test_the_table_is_large_enough() -> None:
    assert MODULES
    assert len(BEHAVIOURS) - len(MOTO_DIFFERS) >= 36
    assert not MOTO_DIFFERS.keys() - BEHAVIOURS.keys()


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_ours(name: str, client: S3Client, bucket: str) -> None:
    assert failure_of(name, client, bucket) == ""


@pytest.mark.parametrize("name", sorted(BEHAVIOURS.keys() - MOTO_DIFFERS.keys()))
def test_moto(name: str, moto_client: S3Client) -> None:
    assert failure_of(name, moto_client, new_bucket(moto_client)) == ""


@pytest.mark.parametrize("name", MOTO_DIFFERS)
def test_moto_differs(name: str, moto_client: S3Client) -> None:
    assert failure_of(name, moto_client, new_bucket(moto_client))
