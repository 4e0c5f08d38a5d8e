"""Model files on web sites: what an address would bring, and the bytes of one file."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote

from core.errors import InvalidInput, RemoteError
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.remote.addresses import Address, PlainLink, parse_address
from core.models.remote.file_facts import looked_at, merely_listed
from core.models.remote.header_peek import peek
from core.models.remote.http.client import WebClient
from core.models.remote.http.file_names import safe_name
from core.models.remote.http.urls import FIELD, https_url
from core.models.remote.preview import ImportPreview, RemoteFile
from core.models.remote.sites.civitai_listing import list_version
from core.models.remote.sites.hugging_face_addresses import HuggingFaceFile, HuggingFaceRepository
from core.models.remote.sites.hugging_face_listing import list_file, list_repository
from core.models.remote.sites.listing import ListedFile, Listing, is_weights, refusal_by_name
from core.models.remote.sites.site import Sites
from core.models.remote.streams import RemoteStream, StreamOpener
from core.models.uploads.sources import UrlSource
from core.team.access import Access
from core.team.permissions import Action, Item, Kind
from core.team.rate_limit import RateLimit
from core.team.users import User
from core.texts import remote as texts

_MOST_PEEKED: Final = 8
"""Files of a list whose headers are read; of the others the list's own words count."""

_PEEKED_AT_ONCE: Final = 4
_LOOKS_PER_SECOND: Final = 0.2
_LOOKS_AT_ONCE: Final = 20
"""Previews of one person."""

StoredAs = Callable[[User, str], str]
"""The key of a file that the user may see and that has these bytes (SHA-256); empty for none."""


class RemoteModels:
    """What the page and the upload queue ask about addresses."""

    def __init__(
        self,
        client: WebClient,
        sites: Sites,
        access: Access,
        stored_as: StoredAs,
        streams: StreamOpener,
    ) -> None:
        self._client = client
        self._sites = sites
        self._access = access
        self._stored_as = stored_as
        self._streams = streams
        self._looks = RateLimit(_LOOKS_PER_SECOND, _LOOKS_AT_ONCE)

    def preview(self, user: User, address: str) -> ImportPreview:
        """What an import would bring; nothing is stored.

        Raises InvalidInput for an address that can't be used, RemoteError where the site refuses
        or sends something else, NotAllowed.
        """
        self._access.require(user, Action.CREATE, Item(kind=Kind.MODEL, owner=user.name))
        meant = parse_address(address, self._sites)
        if seconds := self._looks.seconds_to_wait(user.name):
            raise InvalidInput(texts.too_many_looks(seconds), FIELD)
        site, listing = self._list(meant)
        return ImportPreview(
            site=site,
            files=self._look(user, listing.files),
            layers={FieldSource.SITE: listing.fields},
            preview_image=listing.preview_image,
        )

    @contextmanager
    def open(self, source: UrlSource, start: int = 0) -> Iterator[RemoteStream]:
        """The file's bytes from `start` on, or from its beginning where that can't be.

        Raises RemoteError, here and while the blocks are read.
        """
        url = https_url(source.url)
        site = self._sites.site_of(url)
        hint = site.hint(source.page) if site else None
        query = self._sites.query(url)
        with self._streams.open(query, hint, start, source.etag, source.sha256) as stream:
            yield stream

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _list(self, meant: Address) -> tuple[str, Listing]:
        """The site's name, and the files that it has at the address."""
        if isinstance(meant, PlainLink):
            return meant.url.host, _of_link(meant)
        if isinstance(meant, HuggingFaceRepository):
            site = self._sites.hugging_face
            return site.name, list_repository(self._client, site, meant)
        if isinstance(meant, HuggingFaceFile):
            site = self._sites.hugging_face
            return site.name, list_file(self._client, site, meant)
        site = self._sites.civitai
        return site.name, list_version(self._client, site, meant)

    def _look(self, user: User, files: tuple[ListedFile, ...]) -> tuple[RemoteFile, ...]:
        """Each file, with what its first bytes say; a refusal of the only one is raised."""
        is_alone = len(files) == 1
        with ThreadPoolExecutor(_PEEKED_AT_ONCE, thread_name_prefix="peek") as pool:
            first = list(pool.map(lambda f: self._one(f, is_alone=is_alone), files[:_MOST_PEEKED]))
        rest = map(merely_listed, files[_MOST_PEEKED:])
        return tuple(self._with_stored(user, file) for file in (*first, *rest))

    def _one(self, listed: ListedFile, *, is_alone: bool) -> RemoteFile:
        if listed.problem:
            return merely_listed(listed)
        site = self._sites.site_of(listed.url)
        hint = site.hint(listed.page) if site else None
        try:
            found = peek(self._client, self._sites.query(listed.url), hint, listed.name)
        except RemoteError as error:
            if is_alone:
                raise
            return merely_listed(listed.model_copy(update={"problem": str(error)}))
        return looked_at(listed, found)

    def _with_stored(self, user: User, file: RemoteFile) -> RemoteFile:
        sha256 = file.source.sha256
        key = self._stored_as(user, sha256) if sha256 else ""
        return file.model_copy(update={"stored_as": key}) if key else file


def _of_link(link: PlainLink) -> Listing:
    """A link as a list of one; a name with an extension may tell that it is refused."""
    name = safe_name(unquote(link.url.path.rpartition("/")[2]))
    problem = refusal_by_name(name, None) if is_weights(name) else ""
    file = ListedFile(url=link.url, name=name, problem=problem, is_main=not problem)
    return Listing(files=(file,), fields=ModelFields(source_url=str(link.url)))
