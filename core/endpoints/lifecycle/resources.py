"""Creates, changes and removes what AWS has of an endpoint: itself, configurations, models."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from botocore.exceptions import BotoCoreError, ClientError

from core.aws.client import Aws, translate_errors
from core.aws.end_notifications import EndNotifications
from core.aws.error_table import was_repeated
from core.endpoints.scaling.writer import ScalingWriter
from core.endpoints.spec import (
    EndpointSpec,
    config_arguments,
    endpoint_arguments,
    model_arguments,
    update_arguments,
)
from core.endpoints.status import Endpoint, EndpointStatus
from core.errors import AwsError, AwsNotFound
from core.settings import Settings
from core.texts import endpoints as texts
from core.texts import scaling as scaling_texts

log = logging.getLogger(__name__)


class EndpointResources:
    """Writes without asking who may. An answer that was lost is told from a refusal by `describe`,
    which says what AWS has under a name now."""

    def __init__(
        self, aws: Aws, settings: Settings, describe: Callable[[str], Endpoint | None]
    ) -> None:
        self._sagemaker = aws.sagemaker
        self._settings = settings
        self._describe = describe
        self._notifications = EndNotifications(aws, settings)
        self._scaling = ScalingWriter(aws, settings.team)

    def create(self, spec: EndpointSpec) -> None:
        """Create model, configuration and endpoint; an error undoes what was created here. Raises
        AwsError."""
        name, sagemaker = spec.name, self._sagemaker
        with translate_errors(texts.creating_failed(name)), ExitStack() as undo:
            self.create_parts(spec, undo)
            try:
                sagemaker.create_endpoint(**endpoint_arguments(spec, self._settings))
            except (ClientError, BotoCoreError):
                exists = self._may_exist(name)
                if exists is not False:
                    undo.pop_all()  # an endpoint that was made needs its parts
                if not exists:
                    raise
                log.warning("event=answer_lost endpoint=%s", name)
            undo.pop_all()

    def create_parts(self, spec: EndpointSpec, undo: ExitStack) -> None:
        """Create model and configuration; `undo` removes them again. Raises boto3's errors."""
        topic, name = self._notifications.topic_arn(), spec.config_name
        with _taken_first():
            self._sagemaker.create_model(**model_arguments(spec, self._settings))
        undo.callback(self._remove_model, name)
        with _taken_first():
            self._sagemaker.create_endpoint_config(**config_arguments(spec, self._settings, topic))
        undo.callback(self._remove_config, name)

    def start_update(self, spec: EndpointSpec, *, is_counted: bool) -> None:
        """Have AWS change over to the configuration of a spec; the number of instances is retained
        unless it is counted. Raises AwsError."""
        name = spec.name
        try:
            with translate_errors(texts.updating_failed(name)):
                self._sagemaker.update_endpoint(**update_arguments(spec, is_counted=is_counted))
        except AwsError:
            endpoint = self._describe(name)
            if endpoint is None or endpoint.status is not EndpointStatus.UPDATING:
                raise
            log.warning("event=answer_lost endpoint=%s", name)

    def delete(self, endpoint: Endpoint) -> None:
        """Delete it with its parts. Raises AwsError, also while AWS creates or updates it."""
        name = endpoint.name
        # It was there: where it is not any more, an answer was lost, or somebody was faster.
        with suppress(AwsNotFound), translate_errors(texts.deleting_failed(name)):
            self._sagemaker.delete_endpoint(EndpointName=name)
        log.info("event=endpoint_deleted name=%s", name)
        self.remove_parts(
            name, endpoint.config_name, endpoint.models, is_scaled=endpoint.scaling is not None
        )

    def remove_parts(
        self, name: str, config_name: str, models: tuple[str, ...], *, is_scaled: bool = False
    ) -> None:
        """Remove what a deleted endpoint, or a former configuration of one, has left; what is not
        there is no error. Raises AwsError where the objects that scale it can't be removed."""
        self._remove_config(config_name)
        for model in models:
            self._remove_model(model)
        if is_scaled:
            self.remove_scaling(name, scaling_texts.removing_failed(name))

    def remove_scaling(self, name: str, failed: str) -> None:
        """Remove the objects that scale an endpoint of this name. Raises AwsError, with `failed` as
        the text's start."""
        self._scaling.remove(name, failed)

    def _may_exist(self, name: str) -> bool | None:
        """Whether AWS has the endpoint; None where it doesn't answer that either."""
        try:
            return self._describe(name) is not None
        except AwsError as error:
            log.warning("event=endpoint_unknown name=%s error=%s", name, error)
            return None

    def _remove_config(self, name: str) -> None:
        self._clean_up(
            name, lambda: self._sagemaker.delete_endpoint_config(EndpointConfigName=name)
        )

    def _remove_model(self, name: str) -> None:
        self._clean_up(name, lambda: self._sagemaker.delete_model(ModelName=name))

    def _clean_up(self, name: str, remove: Callable[[], object]) -> None:
        """Remove a part; a missing one is no error, and one that stays costs nothing."""
        try:
            with translate_errors(texts.cleanup_failed(name)):
                remove()
        except AwsError as error:
            log.info("event=cleanup_skipped name=%s error=%s", name, error)


@contextmanager
def _taken_first() -> Iterator[None]:
    """Let a name that is taken pass where boto3's own first try took it and its answer was lost."""
    try:
        yield
    except ClientError as error:
        words = error.response.get("Error", {}).get("Message", "")
        if not (was_repeated(error) and "already existing" in words):
            raise
