"""The settings reference says what the code does, and wrong settings are explained."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import Settings, load_settings

REFERENCE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_reference(name: str) -> None:
    field = Settings.model_fields[name]
    assert f"| `CONTRAPPOSTO_{name.upper()}` |" in REFERENCE.read_text("utf-8")
    assert str(field.description) in REFERENCE.read_text("utf-8")


def test_the_reference_has_no_other_settings() -> None:
    mine, _, _ = REFERENCE.read_text("utf-8").partition("## The container")
    rows = mine.count("| `CONTRAPPOSTO_")
    assert rows == len(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKEND", "cloud"),
        ("BUCKET", "Has_Capitals"),
        ("INSTANCE_TYPE", "g5.xlarge"),
        ("POLL_SECONDS", "0"),
        ("INFERENCE_AMI", "al2-ami-sagemaker-inference-neuron-2"),
        ("IMAGE_CUDA", "13"),
        ("VOLUME_GB", "513"),
        ("KMS_KEY", "no key at all"),
        ("SUBNETS", "subnet-1;subnet-2"),
        ("SECURITY_GROUPS", "group"),
        ("ALB_ARN", "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/0"),
        ("ALB_KEYS_URL", "http://keys.example.com"),
        ("PUBLIC_URL", "studio.example.com"),
        ("PUBLIC_URL", "https://studio.example.com/path"),
        ("SIGN_OUT_URL", "javascript:alert(1)"),
        ("UPLOAD_ROOTS", "models:/more"),
        ("HUGGINGFACE_URL", "http://mirror.example.com"),
        ("CIVITAI_URL", "https://user@mirror.example.com"),
        ("IMPORT_HOSTS", "https://models.example.com"),
        ("IMPORT_HOSTS", "models.example.com nas.example.com"),
    ],
)
def test_a_wrong_setting_is_explained(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CONTRAPPOSTO_{name}", value)
    with pytest.raises(ConfigurationError, match=f"^CONTRAPPOSTO_{name} can't be used: "):
        load_settings()


@pytest.mark.parametrize(
    ("subnets", "groups"), [("subnet-0a", ""), ("", "sg-0a")], ids=["subnets", "groups"]
)
def test_half_a_vpc_is_none(subnets: str, groups: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_SUBNETS", subnets)
    monkeypatch.setenv("CONTRAPPOSTO_SECURITY_GROUPS", groups)
    with pytest.raises(ConfigurationError, match="set both or neither"):
        load_settings()


SECRET = "0123456789abcdef0123456789abcdef"


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_SECRET", SECRET)
    assert SECRET not in repr(load_settings())


@pytest.mark.parametrize("value", ["", " ", SECRET, "\N{LATIN SMALL LETTER E WITH ACUTE}" * 16])
def test_a_secret_is_empty_or_long(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_SECRET", value)
    assert load_settings().secret.get_secret_value() == value.strip()


@pytest.mark.parametrize("value", ["a", "very-secret", SECRET[1:], SECRET[1:] + " "])
def test_a_short_secret_is_refused_and_not_told(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_SECRET", value)
    with pytest.raises(ConfigurationError, match="32 bytes at least") as refused:
        load_settings()
    assert str(refused.value).startswith("CONTRAPPOSTO_SECRET can't be used: it must be empty")
    assert "very-secret" not in str(refused.value)
