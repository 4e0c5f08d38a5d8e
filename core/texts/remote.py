"""Texts of imports from the web: addresses, sites that refuse, and files that are none."""

from typing import Final

_BY_PATH: Final = "Download it in a browser and upload the file."

# ---- an address that is typed
NO_ADDRESS: Final = "Give the address of a model file or of its page."
NOT_AN_ADDRESS: Final = (
    "This is no address. Give one that begins with https://, or a repository of Hugging Face as "
    "`name/repository`."
)
UNREADABLE_ADDRESS: Final = (
    "This address can't be read. Copy it from the browser's address bar once more."
)
NOT_HTTPS: Final = (
    "This address begins with http://, which anybody on the way can change. Use https://."
)
IS_S3: Final = "An s3:// address is copied inside of S3: give it under “S3 address”."
ADDRESS_HAS_USER: Final = (
    "This address has a user or a password in it. Remove what stands before the @: it would be "
    "kept with the model, for all to read."
)
BARE_NUMBER: Final = (
    "A number alone may be a model or a version of Civitai. Give the address of the model's page."
)
NO_MODEL_OF_CIVITAI: Final = (
    "This page of Civitai is not a model's. Open the model and give the address of its page."
)
NO_MODEL_OF_HUGGING_FACE: Final = (
    "This page of Hugging Face is not a model repository's. Open the model, or the file in it, and "
    "give the address of its page."
)
BAD_AIR: Final = (
    "Of AIR names only those of Civitai are understood, such as "
    "urn:air:sdxl:lora:civitai:1234@5678."
)


def address_too_long(limit: int) -> str:
    """In characters."""
    return f"An address has {limit:,} characters at most. Give the one of the model's page."


def unknown_scheme(scheme: str) -> str:
    """Another way than the web's."""
    name = f"{scheme}:" if scheme else "this"
    return f"Nothing is fetched by {name}. Give an address that begins with https://."


def address_has_secret(name: str) -> str:
    """A parameter of a link that is nobody's business."""
    return (
        f"This link has a secret in it (`{name}=`), which would be kept with the model, for all to "
        "read. Remove it, or download the file in a browser and upload it."
    )


# ---- a host that is not asked, or does not answer
def private_host(host: str) -> str:
    """The name leads into a network of somebody's own, or to this machine."""
    return (
        f"{host} is on a private network. Nothing is fetched from there, unless whoever runs the "
        "studio names it in CONTRAPPOSTO_IMPORT_HOSTS."
    )


def port_not_allowed(host: str, port: int) -> str:
    """Another one than 443."""
    return (
        f"Port {port} of {host} is not asked: of public sites only 443 is. Whoever runs the studio "
        f"may name {host}:{port} in CONTRAPPOSTO_IMPORT_HOSTS."
    )


def no_such_host(host: str) -> str:
    """The resolver knows none."""
    return f"There is no site {host}, or its name can't be looked up now. Look at the address."


def no_connection(host: str) -> str:
    """Nobody listens, or nothing gets through."""
    return f"{host} can't be reached. Try again later."


def bad_certificate(host: str) -> str:
    """TLS says that it is somebody else."""
    return (
        f"{host} can't prove that it is {host}: its certificate is not one that is trusted here. "
        "Nothing was fetched. If it is your own site, name its authority's file in SSL_CERT_FILE."
    )


def too_slow(host: str) -> str:
    """Nothing came for half a minute, or next to nothing."""
    return f"{host} sends nothing, or hardly anything. Try again later."


def connection_lost(host: str) -> str:
    """Before the whole answer was there."""
    return f"{host} broke off the connection. Try again."


def bad_answer(host: str) -> str:
    """It breaks the rules of HTTP, or its headers are too long."""
    return f"{host} answers with something that is not HTTP as it should be. {_BY_PATH}"


def answer_too_long(host: str) -> str:
    """A list of files, for example, that has no end."""
    return f"{host} answers with more than a list of files can have. {_BY_PATH}"


def contradicting_headers(host: str, name: str) -> str:
    """One header with two values."""
    return f"{host} contradicts itself: it gives {name} twice. {_BY_PATH}"


def too_many_redirects(host: str, limit: int) -> str:
    """From one address to the next."""
    return f"{host} leads from address to address, more than {limit} times. {_BY_PATH}"


def bad_redirect(host: str, reason: str) -> str:
    """To an address that nobody would be let type."""
    return f"{host} leads to an address that is not followed. {reason}"


# ---- a site that refuses
def needs_token(site: str, setting: str, page: str) -> str:
    """No token was sent."""
    return (
        f"{site} wants to know who asks; no token was sent, as none is set. {_token(setting, page)}"
    )


def token_refused(site: str, setting: str, page: str) -> str:
    """A token was sent."""
    return (
        f"{site} does not give this file to the token in {setting}, which was sent: it is not good "
        "any more, or its account may not have the file. Look at the file's page with that "
        f"account, or get another token at {page}."
    )


def is_gated(site: str, page: str) -> str:
    """Its licence has to be accepted."""
    where = page or "its page"
    return (
        f"{site} gives this file to those who accepted its licence. Open {where}, accept it with "
        "the token's account, and try again."
    )


def set_token(_site: str, setting: str, page: str) -> str:
    """What whoever runs the studio can do."""
    return f"No token was sent, as none is set. {_token(setting, page)}"


def may_be_private(site: str, setting: str, page: str) -> str:
    """A site says of a private thing that it is not there."""
    return f"{site} says so of private ones too: no token was sent. {_token(setting, page)}"


def _token(setting: str, page: str) -> str:
    return f"Get one at {page} and have it set as {setting}."


def needs_login(host: str) -> str:
    """A site that no token is known for."""
    return f"{host} wants a login, which can't be given here. {_BY_PATH}"


def not_there(host: str) -> str:
    """404, and what means the same."""
    return f"{host} has nothing at this address. Look at it in a browser."


def no_such_range(host: str) -> str:
    """416."""
    return f"{host} has another file there than before. Look at the address anew."


def asked_too_often(host: str, seconds: float | None) -> str:
    """429; with the seconds that it asks to wait for."""
    when = f"in {seconds:.0f} seconds" if seconds else "in a few minutes"
    return f"{host} is asked too often. Try again {when}."


def site_failed(host: str, status: int) -> str:
    """5xx."""
    return f"{host} has a fault of its own ({status}). Try again later."


def site_refused(host: str, status: int) -> str:
    """Every other status."""
    return f"{host} refuses ({status}). Open the address in a browser to see why."


# ---- an answer that is no model file
def is_page(host: str, media_type: str) -> str:
    """A page or an error where a file should be."""
    return (
        f"{host} answers with a page ({media_type}), not with a file. Give the address behind the "
        "page's download button; where it asks for a login, download the file in a browser and "
        "upload it."
    )


def is_compressed(host: str) -> str:
    """Though that was not asked for."""
    return f"{host} compresses what it sends, though it was asked not to. {_BY_PATH}"


def wrong_range(host: str) -> str:
    """Content-Range contradicts what was asked for."""
    return f"{host} sends another part of the file than it was asked for. {_BY_PATH}"


def lying_length(host: str, told: int, came: int) -> str:
    """Bytes that it spoke of, and bytes that it sent or speaks of elsewhere."""
    return (
        f"{host} said that the file has {told:,} bytes, and it has {came:,}. Nothing of it was "
        "kept. Try again."
    )


def unknown_length(host: str) -> str:
    """No Content-Length, and no header that tells it."""
    return (
        f"{host} does not say how long the file is, so that a cut-off one would go unnoticed. "
        f"{_BY_PATH}"
    )


def unreadable_list(site: str) -> str:
    """The API's JSON is not as it should be."""
    return (
        f"The list of files that {site} gives can't be read. Give the address of the file itself."
    )


def no_model_files(site: str) -> str:
    """An address that leads to nothing of use."""
    return f"{site} has no model files at this address. Look at it in a browser."


def no_name(host: str) -> str:
    """Neither headers nor address have one."""
    return f"{host} gives the file no name that it can be kept under. {_BY_PATH}"


IS_HTML: Final = (
    "This is a web page, not a model file. Give the address behind the page's download button."
)
IS_LFS_POINTER: Final = (
    "This is the note that Git LFS keeps in a file's place, not the file. Give the address of the "
    "site's download button."
)
IS_ARCHIVE: Final = "This is an archive. Download it, unpack it, and upload the model file in it."
IS_TRAINING_DATA: Final = "These are the images that the model was trained with, not a model."
IS_PICKLE: Final = (
    "A file of this type can run code when it is opened. Take the .safetensors file, or convert it "
    "to one first."
)
IS_GGUF: Final = "This is a GGUF file; choose a .safetensors file."
IS_OTHER_TYPE: Final = (
    "A file of this type is no model that can be used; choose a .safetensors file."
)
IS_SHARD: Final = (
    "This is one part of a model that is split into several files; choose a whole one."
)
IS_DANGEROUS: Final = "The site's own scan found something dangerous in this file."


def other_kind_of_network(name: str) -> str:
    """A kind that a site has and no part of the container reads."""
    return f"A {name} can't be used here."


def too_many_looks(seconds: int) -> str:
    """Previews of one person."""
    return f"You looked at many addresses in a short time. Try again in {seconds} seconds."


def civitai_licence(
    uses: tuple[str, ...] | None, *, credit: bool | None, derivatives: bool | None
) -> str:
    """What a model's maker allows on Civitai, None where the site does not say."""
    parts = []
    if uses is not None:
        parts.append(f"Commercial use: {', '.join(uses)}." if uses else "No commercial use.")
    if credit is not None:
        parts.append("Name the maker." if credit else "The maker need not be named.")
    if derivatives is not None:
        parts.append("May be merged." if derivatives else "May not be merged.")
    return " ".join(parts)


def changed_meanwhile(host: str) -> str:
    """Another version of the file, or no part of one."""
    return f"{host} has another file there than when this began. Start it anew."
