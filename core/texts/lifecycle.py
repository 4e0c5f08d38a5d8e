"""Texts of the life of an endpoint: advice on failures, its log, deletion and update."""

from typing import Final

# ---- what to do about a reason of SageMaker's
DRIVER_TOO_OLD: Final = (
    "The host's NVIDIA driver is probably older than the image needs: set "
    "CONTRAPPOSTO_INFERENCE_AMI and CONTRAPPOSTO_IMAGE_CUDA to what the image is built with, then "
    "create it anew."
)
READ_THE_LOG: Final = (
    "The container's last lines, below, say why. Without any line it never started: check image, "
    "role and instance type."
)
CHECK_THE_IMAGE: Final = (
    "SageMaker can't fetch the image: it must be in ECR in this region, and the endpoint's role "
    "must be allowed to pull it. Set-up checks both."
)
CHECK_THE_BUCKET: Final = "Check that the bucket is in this region and that the role may read it."
CHECK_THE_KEY: Final = (
    "The endpoint's role may not use the KMS key: allow kms:Decrypt and kms:GenerateDataKey in the "
    "key's policy, or take another CONTRAPPOSTO_KMS_KEY."
)
CHECK_THE_ROLE: Final = (
    "The endpoint's role lacks a permission, or SageMaker may not assume it. Set-up checks it."
)
CHECK_THE_VPC: Final = (
    "Check CONTRAPPOSTO_SUBNETS and CONTRAPPOSTO_SECURITY_GROUPS: free addresses, and a way to S3, "
    "ECR and CloudWatch (a NAT or VPC endpoints)."
)
DISK_IS_FULL: Final = (
    "The instance's disk is full: raise CONTRAPPOSTO_VOLUME_GB, or take a type with disks of its "
    "own, and create it anew."
)


def reading_log_failed(name: str) -> str:
    """DescribeLogStreams and GetLogEvents."""
    return f"Reading the container's log of {name} failed"


def reading_metrics_failed(name: str) -> str:
    """GetMetricData."""
    return f"Reading the metrics of {name} failed"


# ---- what no endpoint runs
LISTING_ORPHANS_FAILED: Final = "Listing endpoint configurations and models failed"


def is_no_orphan(kind: str, name: str) -> str:
    """It is gone, or an endpoint runs it."""
    return f"The {kind} {name} is gone, or an endpoint uses it."


def removing_failed(kind: str, name: str) -> str:
    """DeleteEndpointConfig, DeleteModel."""
    return f"Removing the {kind} {name} failed"


# ---- an update
NOTHING_CHANGES: Final = "Choose another instance type, image or number: nothing would change."
NUMBER_FOLLOWS_JOBS: Final = "The number of instances follows its scaling; change it there."


def image_elsewhere(image_region: str, region: str) -> str:
    """SageMaker pulls no image from another region."""
    return f"The image is in {image_region}; SageMaker pulls it from {region} only. Push it there."
