"""Decides whether a request may be sent: the endpoint takes jobs, the models are there and fit."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from core.endpoints.model_caches.service import EndpointRouter
from core.errors import InvalidDraft, Problem
from core.ids import NewId
from core.jobs.preparing.draft import Draft
from core.jobs.preparing.requests import EncodedImages, Prepared, RandomSeed, prepare
from core.models.service import ModelFile, ModelLibrary
from core.prompts.service import Prompts
from core.team.users import User
from core.texts.jobs import jobs as texts
from core.texts.models import library
from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest
from formats.limits import MAX_EMBEDDINGS
from formats.models.kinds import Family, ModelKind

_FORM: Final = {
    ModelKind.CHECKPOINT: "checkpoints",
    ModelKind.VAE: "vae",
    ModelKind.LORA: "loras",
    ModelKind.CONTROLNET: "units",
    ModelKind.EMBEDDING: "prompt",
    ModelKind.UPSCALER: "upscaler",
}
_MUST_FIT: Final = (ModelKind.LORA, ModelKind.CONTROLNET, ModelKind.EMBEDDING)

Find = Callable[[ModelKind, str], ModelFile | None]
CheckPolicy = Callable[[User, Sequence[GenerationRequest]], None]
"""Raises InvalidDraft for what the team's policy refuses."""


@dataclass(frozen=True)
class Batch:
    """What the drafts of one click share."""

    images: EncodedImages = field(default_factory=dict)
    """Each image is decoded once, however many drafts have it."""
    planned: Counter[str] = field(default_factory=Counter)
    """Jobs that were routed to each endpoint, so that the next one may go to another."""


class Preflight:
    """From a draft to requests that may be sent; a refusal leaves no record."""

    def __init__(
        self,
        models: ModelLibrary,
        router: EndpointRouter,
        new_id: NewId,
        seed: RandomSeed,
        check_policy: CheckPolicy,
        prompts: Prompts,
    ) -> None:
        self._models = models
        self._router = router
        self._new_id = new_id
        self._seed = seed
        self._check_policy = check_policy
        self.prompts = prompts

    def run(
        self, user: User, draft: Draft, *, ids: NewId | None = None, batch: Batch | None = None
    ) -> Prepared:
        """Everything that one click asks for, checked against what AWS holds now.

        `ids` gives the jobs' ids; `batch` is what several drafts of one click share.

        Raises InvalidDraft, EndpointNotReady with the endpoint's state, or InvalidInput for what a
        real-time endpoint would not answer in time.
        """
        draft = self.prompts.prepare(user, draft)
        embeddings = self._named_embeddings(user, draft)
        encoded = batch.images if batch else None
        prepared = prepare(draft, user.name, ids or self._new_id, self._seed, embeddings, encoded)
        return self._checked(user, draft.endpoint, prepared, batch)

    def run_again(
        self,
        user: User,
        request: GenerationRequest,
        endpoint: str,
        *,
        ids: NewId | None = None,
        batch: Batch | None = None,
    ) -> Prepared:
        """The same request as a new job of this user, with today's files. Raises as `run`.

        Its prompts are sent as they were: no style is applied again.
        """
        new_id = ids or self._new_id
        fresh = request.model_copy(update={"id": new_id(), "owner": user.name})
        return self._checked(user, endpoint, Prepared(requests=(fresh,), images=()), batch)

    def _checked(
        self, user: User, endpoint: str, prepared: Prepared, batch: Batch | None
    ) -> Prepared:
        self._check_policy(user, prepared.requests)
        name = prepared.requests[0].checkpoint
        file = self._models.find(user, ModelKind.CHECKPOINT, name) if name else None
        sha256 = file.sha256 if file else None
        planned = batch.planned if batch else Counter[str]()
        route = self._router.route(user, endpoint, prepared.requests, sha256, planned)
        found = route.endpoint
        requests = tuple(self._with_hashes(user, request) for request in prepared.requests)
        self._router.check(found, requests)
        planned[found.name] += len(requests)
        return prepared.model_copy(
            update={
                "requests": requests,
                "instance_type": found.instance_type,
                "send_limit": self._router.send_limit(found),
                "endpoint": found.name,
                "routed_because": route.reason,
            }
        )

    def _named_embeddings(self, user: User, draft: Draft) -> dict[str, tuple[str, ...]]:
        """The textual inversions that the draft's prompts name, for each of its checkpoints."""
        files = self._models.of_kind(user, ModelKind.EMBEDDING)
        named = [file for file in files if is_named(file.name, draft)]
        families = {
            name: found.family if found else Family.UNKNOWN
            for name in draft.checkpoints
            for found in [self._models.find(user, ModelKind.CHECKPOINT, name)]
        }
        return {
            name: tuple(f.name for f in named if f.family.fits(family))[:MAX_EMBEDDINGS]
            for name, family in families.items()
        }

    def _with_hashes(self, user: User, request: GenerationRequest) -> GenerationRequest:
        """The request with the hashes of its files. Raises InvalidDraft with each problem."""

        def find(kind: ModelKind, name: str) -> ModelFile | None:
            any_file = self._models.find_any(kind, name)
            is_trashed = any_file is not None and any_file.is_trashed
            return any_file if is_trashed else self._models.find(user, kind, name)

        problems = tuple(check_files(request, find))
        if problems:  # another tool may have put the file there a moment ago
            self._models.list(user, refresh=True)
            problems = tuple(check_files(request, find))
        if problems:
            raise InvalidDraft(problems)
        found = (find(kind, name) for kind, name in named_files(request))
        hashes = {file.key: file.sha256 for file in found if file and file.sha256}
        return request.model_copy(update={"hashes": hashes})


def is_named(file: str, draft: Draft) -> bool:
    """Whether a prompt has an embedding's name, its file's without the ending, in any case."""
    name = re.escape(PurePath(file).stem)
    text = f"{draft.prompt} {draft.negative_prompt}"
    return re.search(rf"(?<!\w){name}(?!\w)", text, re.IGNORECASE) is not None


def check_files(request: GenerationRequest, find: Find) -> Iterator[Problem]:
    """Everything about the named files that would make the container refuse the job."""
    checkpoint = request.checkpoint and find(ModelKind.CHECKPOINT, request.checkpoint)
    family = checkpoint.family if checkpoint else Family.UNKNOWN
    for kind, name in named_files(request):
        file = find(kind, name)
        if file is None:
            yield Problem(_FORM[kind], texts.model_is_missing(name))
        elif file.is_trashed:
            yield Problem(_FORM[kind], library.is_in_trash(name))
        elif file.problem:
            yield Problem(_FORM[kind], texts.model_is_unusable(name, file.problem))
        elif kind in _MUST_FIT and not file.family.fits(family):
            message = texts.other_family(name, file.family, request.checkpoint or "", family)
            yield Problem(_FORM[kind], message)
