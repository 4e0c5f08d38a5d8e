"""Decides whether a request may be sent: the endpoint takes jobs, the models are there and fit."""

from collections.abc import Callable, Iterator
from typing import Final

from core.access import User
from core.endpoints import Endpoint, Endpoints
from core.errors import EndpointNotReady, InvalidDraft, Problem
from core.models import ModelFile, ModelLibrary
from formats.kinds import Family, ModelKind
from formats.named_files import named_files
from formats.request import GenerationRequest

_FORM: Final = {
    ModelKind.CHECKPOINT: "checkpoints",
    ModelKind.VAE: "vae",
    ModelKind.LORA: "loras",
    ModelKind.CONTROLNET: "units",
}
_MUST_FIT: Final = (ModelKind.LORA, ModelKind.CONTROLNET)

Find = Callable[[ModelKind, str], ModelFile | None]


class Preflight:
    """Looks at AWS before anything is written; a refusal leaves no record."""

    def __init__(self, models: ModelLibrary, endpoints: Endpoints) -> None:
        self._models = models
        self._endpoints = endpoints

    def check_endpoint(self, user: User, name: str) -> Endpoint:
        """The endpoint as AWS describes it now. Raises EndpointNotReady with its state."""
        endpoint = self._endpoints.find(user, name)
        if endpoint is None:
            raise EndpointNotReady(
                f"There is no endpoint {name} any more. Choose another, or create one.", "endpoint"
            )
        if not endpoint.accepts_jobs:
            raise EndpointNotReady(
                f"{endpoint.why_not} Its state is {endpoint.status}; nothing was sent.", "endpoint"
            )
        return endpoint

    def check_models(self, user: User, request: GenerationRequest) -> GenerationRequest:
        """The request with the hashes of its files. Raises InvalidDraft with each problem."""

        def find(kind: ModelKind, name: str) -> ModelFile | None:
            return self._models.find(user, kind, name)

        problems = tuple(check_files(request, find))
        if problems:  # another tool may have put the file there a moment ago
            self._models.list(user, refresh=True)
            problems = tuple(check_files(request, find))
        if problems:
            raise InvalidDraft(problems)
        found = (find(kind, name) for kind, name in named_files(request))
        hashes = {file.key: file.sha256 for file in found if file and file.sha256}
        return request.model_copy(update={"hashes": hashes})


def check_files(request: GenerationRequest, find: Find) -> Iterator[Problem]:
    """Everything about the named files that would make the container refuse the job."""
    checkpoint = request.checkpoint and find(ModelKind.CHECKPOINT, request.checkpoint)
    family = checkpoint.family if checkpoint else Family.UNKNOWN
    for kind, name in named_files(request):
        file = find(kind, name)
        if file is None:
            message = f"{name} is not in S3. Upload it on the Models page, or choose another."
            yield Problem(_FORM[kind], message)
        elif file.problem:
            yield Problem(_FORM[kind], f"{name}: {file.problem}")
        elif kind in _MUST_FIT and not file.family.fits(family):
            yield Problem(
                _FORM[kind],
                f"{name} is for {file.family} and the checkpoint {request.checkpoint} is "
                f"{family}. Choose one of the same family.",
            )
