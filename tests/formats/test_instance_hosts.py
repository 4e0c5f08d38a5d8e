"""What the table says of SageMaker's hosts, beside botocore's, moto's and the locks' own words."""

import gzip
import html
import json
import re
from importlib import resources
from typing import Any

import botocore.session
import pytest

from core.endpoints.spec import instance_types
from core.settings import Settings
from formats.instance_hosts import (
    DRIVERS,
    GPU_FAMILIES,
    NEWEST_AMI,
    gpu_family,
    has_local_disks,
    parse_release,
    release_text,
    supports_gpu,
)
from tests.support.helpers import ROOT


def ec2_types() -> Any:
    """EC2's DescribeInstanceTypes, as moto keeps it."""
    packed = resources.files("moto").joinpath("ec2/resources/instance_types.json.gz").read_bytes()
    return json.loads(gzip.decompress(packed))


def variant_shape() -> Any:
    session: Any = botocore.session.get_session()
    return session.get_service_model("sagemaker").shape_for("ProductionVariant")


def test_the_amis_are_those_of_botocore_and_carry_what_it_documents() -> None:
    member = variant_shape().members["InferenceAmiVersion"]
    assert set(DRIVERS) == {ami for ami in member.enum if "-gpu-" in ami}
    words = re.sub(r"<[^>]+>|\s+", " ", html.unescape(member.documentation))
    told = re.findall(
        r"(al2\S*gpu\S*) .*?NVIDIA driver version: (\d+) .*?CUDA version: (\S+)", words
    )
    assert told == [(a, str(d.version), release_text(d.cuda)) for a, d in DRIVERS.items()]


def test_gpus_and_local_disks_are_those_of_ec2() -> None:
    known = ec2_types()
    told = [t for t in instance_types() if t.removeprefix("ml.") in known]
    assert len(told) > 200
    for instance_type in told:
        ec2 = known[instance_type.removeprefix("ml.")]
        assert has_local_disks(instance_type) is ec2["InstanceStorageSupported"], instance_type
        gpus = {
            gpu["Name"]
            for gpu in ec2.get("GpuInfo", {}).get("Gpus", [])
            if gpu["Manufacturer"] == "NVIDIA"
        }
        family = gpu_family(instance_type)
        assert gpus == ({family.gpu} if family else set()), instance_type


def test_no_type_with_a_gpu_is_unknown() -> None:
    """SageMaker names them ml.g and ml.p."""
    named = {t for t in instance_types() if re.match(r"ml\.[gp]\d", t)}
    assert {t for t in instance_types() if gpu_family(t)} == named


@pytest.mark.parametrize(
    ("cuda", "refused"),
    [
        ("11.8", set()),
        ("12.4", {"Kepler"}),
        ("13.0", {"Kepler", "Volta"}),
        ("14.0", {"Kepler", "Volta"}),
    ],
)
def test_cuda_drops_old_architectures(cuda: str, refused: set[str]) -> None:
    """Release notes of CUDA 12.0 (Kepler) and 13.0 (Maxwell, Pascal, Volta)."""
    release = parse_release(cuda)
    found = {f.architecture for f in GPU_FAMILIES.values() if not supports_gpu(release, f)}
    assert found == refused


def test_the_default_image_is_built_with_the_cuda_that_the_settings_say() -> None:
    lock = (ROOT / "scripts" / "requirements-torch-cuda.txt").read_text("utf-8")
    (toolkit,) = re.findall(r"^cuda-toolkit==(\d+\.\d+)\.", lock, re.MULTILINE)
    assert Settings.model_fields["image_cuda"].default == toolkit
    assert DRIVERS[NEWEST_AMI].cuda >= parse_release(toolkit)
