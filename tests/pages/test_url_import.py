"""Models, from an address: what would come, which file of several, and the import itself."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.models.metadata.fields import FieldSource
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from tests.support.web.server import LocalWeb, local_web
from tests.support.web.sites import CIVITAI_STORAGE, CivitaiModelPage, Repository
from ui.state import set_studio
from ui.texts.models import adding

TOKEN = "hf-very-secret"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with local_web(tmp_path_factory.mktemp("web")) as served:
        yield served


@pytest.fixture(scope="module")
def studio(
    connection: Connection, web: LocalWeb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A studio that asks the local sites in place of the public ones."""
    settings = Settings(
        demo=False,
        data=tmp_path_factory.mktemp("studio"),
        bucket="pages-url-import",
        huggingface_url=web.url("huggingface.co"),
        huggingface_token=SecretStr(TOKEN),
        civitai_url=web.url("civitai.com"),
        import_hosts=f"127.0.0.1:{web.port}",
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(web.authority))
        with open_studio(settings, connection) as opened:
            set_studio(opened)
            yield opened
            set_studio(None)


@pytest.fixture(scope="module")
def vae(models: Path) -> bytes:
    return (models / "tiny-vae.safetensors").read_bytes()


def look(page: Open, address: str) -> AppTest:
    app = page("models")
    app.segmented_control(key="models.way").set_value(adding.URL).run()
    app.text_input(key="models.url").set_value(address)
    button(app, "Look").click().run()
    assert not app.exception
    return app


def imported(studio: Studio, name: str) -> bytes:
    """The object, once its upload is over."""
    wait_for(lambda: not any(u.active for u in studio.uploads.list(LOCAL)))
    found = studio.storage.find(model_key(ModelKind.VAE, name))
    assert found is not None, [u.message for u in studio.uploads.list(LOCAL)]
    return found.data


def test_a_file_is_shown_chosen_and_imported(
    page: Open, studio: Studio, web: LocalWeb, vae: bytes
) -> None:
    elsewhere = web.url(CIVITAI_STORAGE, "127.0.0.1")
    files = {"data.zip": b"PK", "dream.safetensors": vae}
    told = {"data.zip": {"type": "Training Data"}}
    CivitaiModelPage(web, files, kind="VAE", told=told, elsewhere=elsewhere).serve()
    app = look(page, "https://civitai.com/models/4384/dreamshaper")
    said = " ".join(element.value for element in (*app.markdown, *app.caption))
    for words in (
        "DreamShaper",
        "lykon",
        "SD 1.5",
        "Commercial use",
        "dream style",
        "trained with",
    ):
        assert words in said.replace("\\", "")
    assert [len(radio.options) for radio in app.radio] == [1]
    button(app, "Import").click().run()
    assert not app.exception
    assert app.text_input(key="models.url").value == ""
    assert imported(studio, "dream.safetensors") == vae
    (file,) = studio.models.list(LOCAL, refresh=True)
    assert file.sha256 == hashlib.sha256(vae).hexdigest()
    assert file.problem is None
    assert file.known.fields.author == "lykon"
    assert file.known.sources["author"] is FieldSource.SITE
    again = look(page, "urn:air:sd1:vae:civitai:4384@128713")
    assert "already" in " ".join(element.value for element in again.info)
    assert "Import" not in [found.label for found in again.button]


def test_a_refusal_is_said_with_the_page_that_helps(page: Open, web: LocalWeb, vae: bytes) -> None:
    Repository(web, "a/b", {"c.safetensors": vae}, token="another", code="GatedRepo").serve()
    app = look(page, "https://huggingface.co/a/b/blob/main/c.safetensors")
    assert "accepted its licence" in errors(app)
    assert TOKEN not in errors(app)
    assert not app.radio


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Give the address"),
        ("http://example.com/a.safetensors", "Use https"),
        ("https://10.0.0.5/a.safetensors", "private network"),
    ],
)
def test_an_address_that_is_not_asked_is_said(page: Open, address: str, words: str) -> None:
    assert words in errors(look(page, address))


def test_a_file_that_can_run_code_is_said(page: Open, web: LocalWeb) -> None:
    Repository(web, "a/d", {"c.ckpt": b"\x80\x02"}).serve()
    app = look(page, "a/d")
    assert "can run code" in errors(app)
    assert "Import" not in [found.label for found in app.button]
