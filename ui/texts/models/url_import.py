"""Texts of the import from an address: what would come, and from which file of several."""

from typing import Final

from core.models.remote.preview import RemoteFile
from formats.models.kinds import Family
from ui.texts.formatting import escape, file_size

ADDRESS: Final = "Address of a model file, or of its page"
ADDRESS_PLACEHOLDER: Final = (
    "https://civitai.com/models/… or https://huggingface.co/name/repository"
)
ADDRESS_HELP: Final = (
    "Hugging Face and Civitai are understood in every form (page, version, file, API, "
    "`name/repository`, AIR name); of any other site give the link to the file itself. Only https."
)
LOOK: Final = "Look"
LOOKING: Final = "Looking at the address …"
FILES: Final = "File to import"
UNUSABLE: Final = "Files that can't be used here"
KIND_HELP: Final = "Neither the file nor the site says what it is."
CHOOSE_KIND: Final = "Choose its kind"
NAME: Final = "Name in the library"
IMPORT: Final = "Import"
STARTED: Final = "The import has begun; it goes on when you leave this page."
OPEN_PAGE: Final = "Open the page"
MORE: Final = "About this model"


def file_line(file: RemoteFile) -> str:
    """A file to choose, in Markdown: `dog.safetensors · 2.1 GB · LoRA · SDXL`."""
    parts = [escape(file.name)]
    if file.size is not None:
        parts.append(escape(file_size(file.size)))
    if file.kind:
        parts.append(file.kind.label)
    if file.family is not Family.UNKNOWN:
        parts.append(file.family.value)
    return " · ".join(parts)


def file_hash(sha256: str | None) -> str:
    """What the site says that its bytes are."""
    return (
        f"sha256 {sha256}" if sha256 else "The site tells no hash; it is taken as the file comes."
    )


def already_there(key: str) -> str:
    """The very bytes are in S3."""
    return (
        f"These very bytes are in the library already, as {escape(key)}. Nothing need be fetched."
    )


def unusable(file: RemoteFile) -> str:
    """A file and why it is refused, in Markdown."""
    return f"- **{escape(file.name)}**: {escape(file.problem)}"


def headline(title: str, version: str | None, site: str) -> str:
    """`**DreamShaper** 8 · Civitai`, in Markdown."""
    named = f"**{escape(title)}** {escape(version or '')}".strip() if title else ""
    return " · ".join(filter(None, (named, escape(site))))


def base_model(name: str) -> str:
    """What it was made from, as the site calls it."""
    return f"Made from {name}"


def author(name: str) -> str:
    """Who made it."""
    return f"by {name}"


def licence(text: str) -> str:
    """As the site words it."""
    return f"Licence: {text}"


def trained_words(words: tuple[str, ...]) -> str:
    """What a prompt should have."""
    return f"Trained words: {', '.join(words)}"
