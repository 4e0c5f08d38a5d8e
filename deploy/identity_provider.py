"""Reads from an identity provider where its sign-in is (OpenID Connect Discovery 1.0, 4)."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Final

from core.errors import ConfigurationError
from deploy import texts

_ENDPOINTS: Final = {
    "OidcAuthorizationEndpoint": "authorization_endpoint",
    "OidcTokenEndpoint": "token_endpoint",
    "OidcUserInfoEndpoint": "userinfo_endpoint",
}
_TIMEOUT_SECONDS: Final = 10


def discover(issuer: str) -> Mapping[str, str]:
    """The template's parameters for the provider. Raises ConfigurationError."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ConfigurationError(texts.discovery_failed(url, texts.NO_HTTPS))
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - above
            found = json.load(answer)
        return {"OidcIssuer": found["issuer"]} | {
            parameter: str(found[name]) for parameter, name in _ENDPOINTS.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(texts.discovery_failed(url, str(error))) from error
