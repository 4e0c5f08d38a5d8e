"""Puts together what asks web sites for model files, as the settings say."""

import ssl
from os import environ

import certifi

from core.models.remote.http.client import WebClient
from core.models.remote.http.network import CheckedNetwork
from core.models.remote.service import RemoteModels
from core.models.remote.sites.site import sites_of
from core.models.remote.streams import StreamOpener
from core.models.service import ModelLibrary
from core.settings import Settings
from core.team.access import Access
from core.team.users import User


def open_remote_models(settings: Settings, access: Access, library: ModelLibrary) -> RemoteModels:
    """Previews and streams. Raises ConfigurationError for a host or mirror that can't be one."""
    sites = sites_of(settings)

    def stored_as(user: User, sha256: str) -> str:
        files = (file.key for file in library.list(user) if file.sha256 == sha256)
        return next(files, "")

    client = WebClient(CheckedNetwork(sites.named), tls_context())
    return RemoteModels(client, sites, access, stored_as, StreamOpener(client))


def tls_context() -> ssl.SSLContext:
    """Trusts the authorities of SSL_CERT_FILE or SSL_CERT_DIR, else Mozilla's list."""
    file, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    return ssl.create_default_context(cafile=certifi.where())
