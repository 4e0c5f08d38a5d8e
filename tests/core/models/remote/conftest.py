"""Sites on this machine, and what asks them as if they were on the internet."""

import time
from collections.abc import Callable, Iterator
from ssl import create_default_context

import pytest

from core.models.remote.http.client import WebClient
from core.models.remote.http.network import CheckedNetwork
from core.models.remote.service import RemoteModels
from core.models.remote.sites.site import sites_of
from core.models.remote.streams import StreamOpener
from core.settings import Settings
from core.team.access import Access
from core.team.permissions import is_allowed
from tests.support.web.network import LocalInternet
from tests.support.web.server import LocalWeb, local_web


class Asking:
    """What asks: made anew for other settings."""

    def __init__(self, web: LocalWeb) -> None:
        self.web = web
        self.internet = LocalInternet(web.port)
        self.pauses: list[float] = []
        self.stored: dict[str, str] = {}
        self.set_up(Settings())

    def set_up(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        tls = create_default_context(cafile=str(self.web.authority))
        sites = sites_of(settings)
        network = CheckedNetwork(sites.named, self.internet.resolve, self.internet, monotonic)
        self.client = WebClient(network, tls)
        self.remote = RemoteModels(
            self.client,
            sites,
            Access(is_allowed),
            lambda _user, sha256: self.stored.get(sha256, ""),
            StreamOpener(self.client, self.pauses.append),
        )


@pytest.fixture(scope="session")
def _sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with local_web(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(_sites: LocalWeb) -> LocalWeb:
    _sites.routes.clear()
    _sites.asked.clear()
    return _sites


@pytest.fixture
def asking(web: LocalWeb) -> Iterator[Asking]:
    asking = Asking(web)
    yield asking
    asking.client.close()
