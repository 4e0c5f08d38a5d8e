"""A site whose addresses are understood: its hosts, where it is asked, and the token for it."""

from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from core.errors import ConfigurationError, InvalidInput
from core.models.remote.http.client import Query
from core.models.remote.http.network import NamedHosts
from core.models.remote.http.refusals import TokenHint
from core.models.remote.http.urls import HttpsUrl, https_url
from core.settings import Settings
from core.texts import setup as setup_texts


@dataclass(frozen=True)
class Site:
    """One of the two sites; `public` is how its addresses are kept, `base` where they are asked."""

    name: str
    hosts: frozenset[str]
    """All are the same site."""
    public: HttpsUrl
    base: HttpsUrl
    """The public one, or a mirror."""
    token: SecretStr
    setting: str
    """That has the token."""
    tokens_page: str
    """Where somebody gets a token."""

    def path_of(self, url: HttpsUrl) -> str | None:
        """The path below the site's root, of an address at any of its hosts; None elsewhere."""
        if url.authority in self.hosts:
            return url.path
        prefix = self.base.path.rstrip("/")
        is_mirror = url.authority == self.base.authority and url.path.startswith(f"{prefix}/")
        return url.path.removeprefix(prefix) if is_mirror else None

    def address(self, path: str) -> HttpsUrl:
        """A path of the site, as it is kept."""
        return self.public.model_copy(update={"target": path})

    def hint(self, page: str = "") -> TokenHint:
        """What a refusal can say of the token; `page` is the file's."""
        is_set = bool(self.token.get_secret_value().strip())
        return TokenHint(self.name, self.setting, self.tokens_page, is_set, page)

    def query(self, url: HttpsUrl) -> Query:
        """Asks for a kept address where the site is, with its token."""
        target = self.base.path.rstrip("/") + url.target
        asked = self.base.model_copy(update={"target": target})
        return Query(url=asked, token=self.token.get_secret_value().strip())


@dataclass(frozen=True)
class Sites:
    """The sites that are known, and the hosts that the operator named."""

    hugging_face: Site
    civitai: Site
    named: NamedHosts

    def site_of(self, url: HttpsUrl) -> Site | None:
        """Whose address it is."""
        return next((s for s in (self.hugging_face, self.civitai) if s.path_of(url)), None)

    def query(self, url: HttpsUrl) -> Query:
        """Asks for an address, with a token where it is a known site's."""
        site = self.site_of(url)
        return site.query(url) if site else Query(url=url)


_HUGGING_FACE: Final = https_url("https://huggingface.co")
_CIVITAI: Final = https_url("https://civitai.com")


def sites_of(settings: Settings) -> Sites:
    """As the settings say. Raises ConfigurationError for an address that can't be one."""
    hugging_face = Site(
        name="Hugging Face",
        hosts=frozenset({"huggingface.co", "www.huggingface.co", "hf.co"}),
        public=_HUGGING_FACE,
        base=_configured("HUGGINGFACE_URL", settings.huggingface_url) or _HUGGING_FACE,
        token=settings.huggingface_token,
        setting="CONTRAPPOSTO_HUGGINGFACE_TOKEN",
        tokens_page="https://huggingface.co/settings/tokens",
    )
    names = ("civitai.com", "civitai.red", "civitai.green")
    civitai = Site(
        name="Civitai",
        hosts=frozenset({*names, *(f"www.{name}" for name in names)}),
        public=_CIVITAI,
        base=_configured("CIVITAI_URL", settings.civitai_url) or _CIVITAI,
        token=settings.civitai_token,
        setting="CONTRAPPOSTO_CIVITAI_TOKEN",
        tokens_page="https://civitai.com/user/account",
    )
    mirrors = [site.base for site in (hugging_face, civitai) if site.base != site.public]
    hosts = [_configured("IMPORT_HOSTS", f"https://{name}") for name in settings.import_host_names]
    named = frozenset((url.host, url.port) for url in (*mirrors, *hosts) if url)
    return Sites(hugging_face=hugging_face, civitai=civitai, named=NamedHosts(named))


def _configured(setting: str, text: str) -> HttpsUrl | None:
    try:
        return https_url(text) if text else None
    except InvalidInput as error:
        wrong = setup_texts.wrong_setting(f"CONTRAPPOSTO_{setting}", str(error))
        raise ConfigurationError(wrong) from error
