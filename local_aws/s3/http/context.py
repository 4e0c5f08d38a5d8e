"""What every operation is given."""

from dataclasses import dataclass

from local_aws.s3.http.body import read_document
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.signature import Signed
from local_aws.s3.store.object_store import ObjectStore


@dataclass(frozen=True)
class Call:
    """A request whose signature was checked, and the store it is for."""

    store: ObjectStore
    request: S3Request
    signed: Signed

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
        return read_document(self.request, self.signed)
