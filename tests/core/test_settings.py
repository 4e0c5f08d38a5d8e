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
    ],
)
def test_a_wrong_setting_is_explained(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CONTRAPPOSTO_{name}", value)
    with pytest.raises(ConfigurationError, match=f"^CONTRAPPOSTO_{name} can't be used: "):
        load_settings()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAPPOSTO_SECRET", "very-secret")
    assert "very-secret" not in repr(load_settings())
