"""Owns the one address of a studio that people sign in to: no other host and origin is served."""

from typing import Final
from urllib.parse import urlsplit

from streamlit import config
from streamlit.auth_util import get_origin_from_redirect_uri

from core.errors import ConfigurationError
from core.settings import Identity, Settings
from core.texts import setup as texts

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1", "[::1]")

_HOSTS: Final = "server.allowedHosts"
_ORIGINS: Final = "server.corsAllowedOrigins"

_address: list[str] = []


def serve_own_address(settings: Settings) -> None:
    """Let Streamlit serve the studio's own address alone; without an identity, what it says itself.

    Raises ConfigurationError where nothing tells the address, or it is not encrypted.
    """
    if not settings.has_identity:
        return
    address = own_address(settings)
    host = urlsplit(address).hostname or ""
    if not address.startswith("https://") and host not in LOOPBACK_HOSTS:
        raise ConfigurationError(texts.not_encrypted(address))
    named = [each for each in config.get_option(_HOSTS) or () if each not in LOOPBACK_HOSTS]
    if "*" in named:
        raise ConfigurationError(texts.EVERY_HOST)
    config.set_option(_HOSTS, [host, *named])
    config.set_option(_ORIGINS, [address])
    _address[:] = [address]


def own_origins(settings: Settings) -> tuple[str, ...]:
    """Scheme and host of the pages that a browser shows: its CORS requests name one of them."""
    if known := settings.origins or tuple(_address):
        return known
    port = config.get_option("server.port")
    return tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1"))


def own_address(settings: Settings) -> str:
    """Scheme and host of the studio. Raises ConfigurationError where nothing tells it."""
    told = settings.public_url.rstrip("/")
    if not told and settings.identity is Identity.OIDC:
        told = get_origin_from_redirect_uri() or ""
    if not told:
        raise ConfigurationError(texts.NO_PUBLIC_URL)
    return told


def forget_own_address() -> None:
    """Take it back when the dashboard stops."""
    _address.clear()


def is_encrypted() -> bool:
    """Whether browsers reach the studio by https."""
    return bool(_address) and _address[0].startswith("https://")
