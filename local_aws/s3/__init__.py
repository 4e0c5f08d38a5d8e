"""S3 on disk: a WSGI application and the object store behind it."""

from local_aws.s3.errors import S3Error
from local_aws.s3.recognise import is_s3_request
from local_aws.s3.records import StoredObject
from local_aws.s3.store import ObjectStore

__all__ = ["ObjectStore", "S3Error", "StoredObject", "is_s3_request"]
