"""Owns the context that every operation gets."""

from dataclasses import dataclass

from local_aws.s3.http.body import read_document
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.signature import VerifiedSignature
from local_aws.s3.store.object_store import ObjectStore


@dataclass(frozen=True)
class OperationContext:
    """A request whose signature was verified, and the store that it is for."""

    store: ObjectStore
    request: S3Request
    signature: VerifiedSignature

    @property
    def bucket(self) -> str:
        """The bucket named."""
        return self.request.bucket

    @property
    def key(self) -> str:
        """The key named."""
        return self.request.key

    def document(self) -> bytes:
        """The body, a document of at most 8 MiB."""
        return read_document(self.request, self.signature)
