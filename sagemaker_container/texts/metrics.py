"""What each figure at `/metrics` means, for who draws charts of them."""

from typing import Final

HELP: Final = {
    "jobs": "Jobs that ended.",
    "images": "Images that were stored.",
    "cache_hits": "Models by where they were found.",
    "stage_seconds": "Seconds of a job's stage.",
    "job_seconds": "Seconds from start to end of a job.",
    "batch_jobs": "Jobs that ran together.",
    "batch_images": "Images of one batch.",
    "queue_jobs": "Jobs in the container.",
    "gpu_memory_bytes": "Memory of the GPU.",
    "host_memory_bytes": "Memory of the host.",
    "worker_starts": "Workers that were started.",
    "worker_start_seconds": "Seconds until the last worker was ready.",
    "info": "The container's version.",
}
