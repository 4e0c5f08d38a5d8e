"""Texts of AWS's errors, and of what the bucket was asked for.

What failed is a clause, here and in the other rooms' texts: `refused` and its like put a colon and
the reason after it.
"""

from datetime import datetime
from typing import Final

# ---- why a call failed


def refused(failed: str, words: str, code: str) -> str:
    """AWS said no, in its own words and with its code."""
    return f"{failed}: {words} ({code})."


def refused_with_advice(failed: str, words: str, code: str, advice: str) -> str:
    """The same where another try is of no use before something was mended."""
    return f"{failed}: {words} ({code}). {advice}"


CHECK_CREDENTIALS: Final = "Check the access key, its secret and its session token."
CHECK_PERMISSIONS: Final = "Check the credentials and their permissions."
CONFIGURE_CREDENTIALS: Final = "Configure AWS credentials."
CHECK_CREDENTIAL_SOURCE: Final = (
    "Check the role, program or service that the AWS configuration takes credentials from; then "
    "try again."
)
NAME_A_PROFILE: Final = "Set AWS_PROFILE to a profile of ~/.aws/config, or unset it."
WAIT_A_MINUTE: Final = (
    "AWS takes no more calls of this account at the moment: wait a minute, then try again."
)
SIGN_IN_AGAIN: Final = (
    "The sign-in has expired: renew the credentials, with `aws sso login` or `aws login`, and try "
    "again. New keys in environment variables need a restart of the dashboard."
)
MAY_HAVE_EXPIRED: Final = f"S3 tells no reason; most often it is this one. {SIGN_IN_AGAIN}"
SET_THE_CLOCK: Final = "Set this computer's clock right, then try again."
SET_THE_REGION: Final = "Set AWS_REGION to the name of a region, such as eu-west-1."
MEND_THE_CONFIGURATION: Final = "Correct ~/.aws/config or ~/.aws/credentials."
CHECK_CERTIFICATES: Final = (
    "Check AWS_CA_BUNDLE and whether a proxy on the way replaces certificates."
)
CHECK_NETWORK: Final = (
    "Check the network, the proxy, and whether the region's name is right; then try again."
)


def allow(permission: str) -> str:
    """What is lacking, such as `s3:PutObject`."""
    return f"Allow {permission} in the policy of these credentials."


def not_sent(failed: str, words: str) -> str:
    """boto3 refused the arguments, in its own words."""
    return f"{failed}: {words}"


def no_answer(failed: str, error: str) -> str:
    """AWS can't be reached; `error` is the name of boto3's error."""
    return f"{failed}: AWS did not answer ({error}). Try again."


# ---- the connection
READING_CONFIGURATION_FAILED: Final = "Reading the AWS configuration failed"
OPENING_CONNECTION_FAILED: Final = "Opening the connection to AWS failed"

# ---- the bucket
DELETING_FAILED: Final = "Deleting failed"


def listing_is_old(read_at: datetime, error: str) -> str:
    """AWS did not answer, so that the last listing is shown; `error` is the whole message."""
    return f"The list is as of {read_at:%H:%M} UTC. {error}"


def deleting_keys_failed(key: str, others: int) -> str:
    """S3 refused to delete some of several objects."""
    more = f" and {others} more" if others else ""
    return f"Deleting {key}{more} failed"


def listing_failed(prefix: str) -> str:
    """A listing of the objects below a prefix."""
    return f"Listing {prefix} failed"


def reading_failed(key: str) -> str:
    """GetObject."""
    return f"Reading {key} failed"


def head_failed(key: str) -> str:
    """HeadObject."""
    return f"Looking at {key} failed"


def storing_failed(key: str) -> str:
    """PutObject."""
    return f"Storing {key} failed"


def signing_failed(key: str) -> str:
    """A presigned URL."""
    return f"Signing the URL of {key} failed"


def bucket_head_failed(bucket: str) -> str:
    """HeadBucket."""
    return f"Looking at the bucket {bucket} failed"


def other_bucket(uri: str, bucket: str) -> str:
    """An object was expected in this bucket."""
    return f"{uri} is not in the bucket {bucket}."


# ---- messages of ended invocations
RECEIVING_FAILED: Final = "Receiving the messages of ended jobs failed"
DELETING_MESSAGES_FAILED: Final = "Deleting the messages of ended jobs failed"


def finding_queue_failed(name: str) -> str:
    """GetQueueUrl."""
    return f"Looking for the SQS queue {name} failed"


def finding_topic_failed(name: str) -> str:
    """GetTopicAttributes."""
    return f"Looking for the SNS topic {name} failed"


def creating_events_failed(topic: str, queue: str) -> str:
    """CreateTopic, CreateQueue, SetQueueAttributes, Subscribe."""
    return f"Creating the SNS topic {topic} and the SQS queue {queue} failed"


def tagging_events_failed(topic: str, queue: str) -> str:
    """TagResource and TagQueue, after both were made."""
    return (
        f"The SNS topic {topic} and the SQS queue {queue} are in place, but tagging them with the "
        "team that pays failed"
    )
