"""Asks a container to stop a job, by keys in the bucket: nothing else reaches one instance."""

from core.aws.storage import Storage
from core.ids import new_id
from formats.keys import LAST_CANCEL, cancel_key


def ask_to_stop(storage: Storage, job_id: str) -> None:
    """Write the job's own key, then the one that all containers look at. Raises AwsError."""
    storage.write(cancel_key(job_id), b"", "text/plain")
    # Other bytes each time: a container sees by the ETag that there is something new.
    storage.write(LAST_CANCEL, f"{job_id} {new_id()}".encode(), "text/plain")
