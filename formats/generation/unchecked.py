"""Makes models whose values may be wrong out of models that bound them.

A form holds what was typed; only the request that is made of it must be right.
"""

import types
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

M = TypeVar("M", bound=BaseModel)


def unchecked(model: type[M]) -> type[M]:
    """A class decorator: the same fields and defaults, each without its bounds, or None.

    None stands for a field that was emptied.
    """
    fields = {name: _loosened(field) for name, field in model.model_fields.items()}
    made = create_model(
        model.__name__,
        __config__=model.model_config,
        __doc__=model.__doc__,
        __module__=model.__module__,
        **fields,
    )
    return cast("type[M]", made)


def _loosened(field: FieldInfo) -> Any:
    """Type and default of the field without its bounds."""
    plain, default = _unbounded(field.annotation), field.get_default(call_default_factory=True)
    if plain is str and default is not None:
        default = str(default)  # a name among others, such as an upscaler's
    return plain | None, default


def _unbounded(annotation: Any) -> Any:
    """The type below its bounds; a choice between names, whatever their rules, is a str."""
    if get_origin(annotation) is Annotated:
        return _unbounded(get_args(annotation)[0])
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation
    choices = [_unbounded(choice) for choice in get_args(annotation)]
    if all(isinstance(choice, type) and issubclass(choice, str) for choice in choices):
        return str
    return Union[tuple(choices)]  # noqa: UP007  # the choices are known at run time only
