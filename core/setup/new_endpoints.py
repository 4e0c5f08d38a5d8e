"""Checks that endpoints can be created: SageMaker takes the role and the image from here."""

from typing import Final

from core.aws.client import Aws
from core.aws.error_table import permission_named
from core.endpoints.model_trial import try_model
from core.errors import AwsError
from core.settings import Settings
from core.setup.checks import Check, advised, in_place, not_checked
from core.texts import setup as texts

_PASSING: Final = "iam:PassRole"
_REFUSED: Final = "ValidationException"
"""SageMaker's code for a role that it can't assume and for an image that it does not find."""

_TAKEN: Final = "already existing"
"""Its words, under the same code, where another studio tries at this moment."""


def check_new_endpoints(aws: Aws, settings: Settings) -> Check:
    """Endpoints that there are run jobs without it."""
    name = texts.NEW_ENDPOINTS
    try:
        try_model(aws, settings)
    except AwsError as error:
        is_refused = error.code == _REFUSED and _TAKEN not in str(error)
        if is_refused or permission_named(str(error)) == _PASSING:
            return advised(name, str(error))
        return not_checked(name, error, "")
    return in_place(name, texts.CAN_BE_CREATED)
