"""Texts of where files are kept: S3's refusals, and the instance's disk."""

# ---- S3


def object_too_large(key: str, limit: int) -> str:
    """An object of more than `limit` bytes."""
    return f"{key} is larger than {limit:,} bytes."


def refused(key: str, code: str) -> str:
    """S3 said no, with its code."""
    return f"S3 refused {key}: {code}."


def unreachable(key: str, error: str) -> str:
    """S3 can't be reached; `error` is the name of boto3's error."""
    return f"S3 can't be reached for {key}: {error}."


# ---- the disk
def disk_full(size: int) -> str:
    """A model file of `size` bytes has no room beside those of the job."""
    return (
        f"The instance has no room for another model file of {size / 2**20:,.0f} MB; choose an "
        "instance type with a larger disk, or fewer models in one job."
    )
