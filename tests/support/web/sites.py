"""Hugging Face and Civitai as far as an import goes: lists, tokens, and storage elsewhere."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from tests.support.web.server import Asked, LocalWeb, ranged, redirect, reply

HUGGING_FACE: Final = "huggingface.co"
HUGGING_FACE_STORAGE: Final = "cas-bridge.xethub.hf.co"
CIVITAI: Final = "civitai.com"
CIVITAI_STORAGE: Final = "worker.r2.cloudflarestorage.com"


def as_json(value: object, status: int = 200, **headers: Any) -> bytes:
    """An API's answer."""
    return reply(json.dumps(value).encode(), status, content_type="application/json", **headers)


def storage(data: bytes, **headers: Any) -> Any:
    """Signed storage, which refuses a second signature (S3: "Only one auth mechanism allowed")."""

    def send(asked: Asked) -> bytes:
        if "authorization" in asked.headers:
            return reply(b"<Error>Only one auth mechanism allowed</Error>", 400)
        return ranged(data, asked, **headers)

    return send


@dataclass
class Repository:
    """A repository of Hugging Face; with a token it is private, gated where that is its code."""

    web: LocalWeb
    name: str
    files: Mapping[str, bytes]
    token: str = ""
    code: str = "RepoNotFound"
    card: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    elsewhere: str = f"https://{HUGGING_FACE_STORAGE}"

    def serve(self) -> None:
        """Answer from now on."""
        self.web.routes[f"{HUGGING_FACE}/api/models/{self.name}"] = self._list
        for path, data in self.files.items():
            where = f"/xet/{quote(self.name)}/{quote(path)}"
            disposition = f"inline; filename*=UTF-8''{quote(path.rpartition('/')[2])};"
            self.web.routes[HUGGING_FACE_STORAGE + where] = storage(
                data, content_disposition=disposition
            )
            route = f"{HUGGING_FACE}/{self.name}/resolve/main/{quote(path)}"
            self.web.routes[route] = self._resolver(data, where)

    def _refusal(self, asked: Asked) -> bytes | None:
        if not self.token or asked.headers.get("authorization") == f"Bearer {self.token}":
            return None
        status = 403 if self.code == "GatedRepo" else 401
        return reply(b"Not for you", status, x_error_code=self.code)

    def _list(self, asked: Asked) -> bytes:
        if self.code != "GatedRepo" and (refused := self._refusal(asked)):
            return refused
        siblings = [
            {
                "rfilename": path,
                "size": len(data),
                "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)},
            }
            for path, data in self.files.items()
        ]
        return as_json(
            {
                "id": self.name,
                "author": self.name.partition("/")[0],
                "tags": self.tags,
                "cardData": self.card,
                "siblings": siblings,
            }
        )

    def _resolver(self, data: bytes, where: str) -> Any:
        def resolve(asked: Asked) -> bytes:
            if refused := self._refusal(asked):
                return refused
            return redirect(
                f"{self.elsewhere}{where}?X-Amz-Signature=signed",
                x_linked_size=len(data),
                x_linked_etag=f'"{hashlib.sha256(data).hexdigest()}"',
            )

        return resolve


@dataclass
class CivitaiModelPage:
    """A model of Civitai with one version; with a token its files are for who has an account."""

    web: LocalWeb
    files: Mapping[str, bytes]
    number: int = 4384
    version: int = 128713
    kind: str = "Checkpoint"
    token: str = ""
    login: str = f"https://{CIVITAI}/login?returnUrl=%2F&reason=download-auth"
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the API says of a file beside, by its name."""
    elsewhere: str = f"https://{CIVITAI_STORAGE}"

    def serve(self) -> None:
        """Answer from now on."""
        routes, site = self.web.routes, CIVITAI
        routes[f"{site}/api/v1/models/{self.number}"] = as_json(self._model())
        version = as_json({**self._version(), "modelId": self.number})
        routes[f"{site}/api/v1/model-versions/{self.version}"] = version
        for data in self.files.values():
            digest = hashlib.sha256(data).hexdigest()
            routes[f"{site}/api/v1/model-versions/by-hash/{digest}"] = version
        routes[f"{site}/api/download/models/{self.version}"] = self._download
        routes[f"{site}/login"] = reply(b"<!DOCTYPE html>Sign in", content_type="text/html")
        for name, data in self.files.items():
            routes[f"{CIVITAI_STORAGE}/{quote(name)}"] = storage(data)

    def _version(self) -> dict[str, Any]:
        return {
            "id": self.version,
            "name": "8",
            "baseModel": "SD 1.5",
            "status": "Published",
            "trainedWords": ["dream style", " "],
            "description": None,
            "files": [self._file(index, name) for index, name in enumerate(self.files)],
            "images": [
                {"url": "https://image.civitai.com/a.mp4", "type": "video"},
                {"url": "https://image.civitai.com/a.jpeg", "type": "image", "nsfwLevel": 1},
            ],
        }

    def _model(self) -> dict[str, Any]:
        draft = {"id": 9, "name": "next", "status": "Draft", "files": []}
        return {
            "id": self.number,
            "name": "DreamShaper",
            "type": self.kind,
            "description": "<p>Dreams &amp; more</p><p>Second line</p>",
            "creator": {"username": "lykon", "image": None},
            "mode": None,
            "tags": ["anime", "landscapes"],
            "allowNoCredit": True,
            "allowCommercialUse": ["Image"],
            "allowDerivatives": True,
            "modelVersions": [draft, self._version()],
        }

    def _file(self, index: int, name: str) -> dict[str, Any]:
        data = self.files[name]
        return {
            "name": name,
            "sizeKB": len(data) / 1024,
            "type": "Model",
            "primary": index == 0,
            "metadata": {"format": "SafeTensor", "size": name, "fp": "fp16"},
            "hashes": {"AutoV1": None, "SHA256": hashlib.sha256(data).hexdigest().upper()},
            "scannedAt": None,
            "pickleScanResult": "Success",
            "virusScanResult": "Success",
            "downloadUrl": "http://169.254.169.254/latest/meta-data",
            **self.told.get(name, {}),
        }

    def _download(self, asked: Asked) -> bytes:
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return redirect(self.login, 307)
        name = next((n for n in self.files if f"size={quote(n)}" in asked.query), "")
        name = name or next(iter(self.files))
        disposition = quote(f'attachment; filename="{name}"')
        return redirect(
            f"{self.elsewhere}/{quote(name)}?X-Amz-Expires=86400"
            f"&response-content-disposition={disposition}",
            307,
        )
