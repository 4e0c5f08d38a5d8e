"""Tries whether SageMaker takes the role and the image: a model is created, and deleted again."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.spec import EndpointSpec, model_arguments
from core.errors import AwsNotFound
from core.settings import Settings
from core.texts import endpoints as texts

if TYPE_CHECKING:
    from types_boto3_sagemaker import SageMakerClient

TRIAL_MODEL: Final = "contrapposto-setup-trial"
"""One name, so that the next trial removes what one that was cut off left."""


def try_model(aws: Aws, settings: Settings) -> None:
    """Create a model as an endpoint's, which costs nothing, and delete it.

    CreateModel alone tells whether these credentials may pass the role (`iam:PassRole` can't be
    looked up without rights that nothing else needs), whether SageMaker can assume it, and whether
    it finds the image. Deleting comes first: whoever may not delete must not create.
    Raises AwsError with SageMaker's words.
    """
    spec = EndpointSpec(
        name=TRIAL_MODEL, instance_type=settings.instance_type, instances=1, owner=TRIAL_MODEL
    )
    sagemaker = aws.sagemaker_for_pages
    _delete(sagemaker)
    try:
        with translate_errors(texts.TRIAL_FAILED):
            sagemaker.create_model(**model_arguments(spec, settings))
    finally:
        _delete(sagemaker)


def _delete(sagemaker: "SageMakerClient") -> None:
    with suppress(AwsNotFound), translate_errors(texts.TRIAL_CLEANUP_FAILED):
        sagemaker.delete_model(ModelName=TRIAL_MODEL)
