"""Lists the folders of many jobs at once: ids sort by time, so open jobs lie close together."""

from collections.abc import Collection, Mapping
from typing import Final

from core.aws.storage import ObjectPage, Storage
from formats.keys import JOBS, job_prefix

_MOST_PAGES: Final = 10
"""LIST calls of one look; what is left comes with the next ones."""

Folders = Mapping[str, Mapping[str, str]]
"""The ETags of the objects in the folder of each job, by job id and key."""


class JobFolders:
    """Looks at the folders of jobs, a thousand objects a call; begins where it left off."""

    def __init__(self) -> None:
        self._resume_at: dict[str, str] = {}

    def look(self, storage: Storage, job_ids: Collection[str]) -> Folders:
        """What lies in each job's folder; a job whose turn it was not yet is left out.

        Between two open jobs lie the folders of closed ones; where a page of the listing ends
        among those, the next begins at the next open job, so that a call sees one open job at
        least. Raises AwsError.
        """
        resume = self._resume_at.pop(storage.bucket, "")
        left = sorted(job_ids, key=lambda job_id: (job_id < resume, job_id))
        seen: dict[str, Mapping[str, str]] = {}
        for _ in range(_MOST_PAGES):
            if not left:
                break
            page = storage.list_page(JOBS, after=job_prefix(left[0]))
            complete = _complete(left, page)
            found = _by_job(page)
            seen |= {job_id: found.get(job_id, {}) for job_id in complete}
            left = [job_id for job_id in left if job_id not in complete]
        if left:
            self._resume_at[storage.bucket] = left[0]
        return seen


def _complete(job_ids: list[str], page: ObjectPage) -> set[str]:
    """The jobs whose whole folder is on a page that begins with the first one's."""
    first = job_ids[0]
    last = page.objects[-1].key if page.is_truncated else None
    complete = {first}
    for job_id in job_ids[1:]:
        prefix = job_prefix(job_id)
        if job_id > first and (last is None or (prefix < last and not last.startswith(prefix))):
            complete.add(job_id)
    return complete


def _by_job(page: ObjectPage) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in page.objects:
        job_id = each.key.removeprefix(JOBS).partition("/")[0]
        found.setdefault(job_id, {})[each.key] = each.etag
    return found
