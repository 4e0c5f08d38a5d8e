"""Evaluates CloudWatch's metric math for one moment: numbers, arithmetic, MAX, MIN, SUM and FILL.

Source: "Using math expressions with CloudWatch metrics" of the CloudWatch user guide. An operand
without data leaves the expression without, but in FILL, and in the list of a function.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final

Value = float | None
"""None where the metric has no data."""

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_OF_LISTS: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


class UnknownExpression(ValueError):
    """The local AWS does not evaluate such an expression."""


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """The value of an expression of metrics by their IDs. Raises `UnknownExpression`."""
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise UnknownExpression(expression) from error
    return _value(tree.body, values)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            one, other = _value(left, values), _value(right, values)
            if one is None or other is None:
                return None
            return _OPERATORS[type(op)](one, other)
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, by]):
            found = _value(filled, values)
            return _value(by, values) if found is None else found
        case ast.Call(func=ast.Name(id=name), args=[ast.List(elts=items)]) if name in _OF_LISTS:
            there = [found for item in items if (found := _value(item, values)) is not None]
            return _OF_LISTS[name](there) if there else None
    raise UnknownExpression(ast.unparse(node))
