"""Which parameters Stripe publishes for a call: names, types, required ones and closed lists of values.

Read from the typed parameters of the pinned SDK, which are generated from Stripe's OpenAPI document; nothing of it is copied here.
"""

import functools
import sys
import types
import typing
from typing import Any, Literal, Union

import stripe.params
import stripe.params.checkout
import typing_extensions
from stripe._request_options import RequestOptions

from app.payment_sandbox.refusals import Refused, missing

Said = dict[str, Any]
# What the SDK's callers may mix in and never goes into a body.
NOT_ON_THE_WIRE = frozenset(RequestOptions.__annotations__)


def check(name: str, said: Said) -> Said:
    """`said` (strings, lists and dicts out of a form) as the types of the parameters called `name`, such as ``RefundCreateParams`` or
    ``checkout.SessionCreateParams``. Refused as Stripe words it for a parameter that is unknown, missing, or of another type."""
    module, _, last = name.rpartition(".")
    return _dict(getattr(stripe.params.checkout if module else stripe.params, last), said, "")


@functools.cache
def fields(cls: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The annotations of a TypedDict, and which are required."""
    # Only these: the SDK's own options name types that it imports for type checkers alone.
    own = types.SimpleNamespace(__annotations__={name: hint for name, hint in cls.__annotations__.items() if name not in NOT_ON_THE_WIRE})
    hints = typing.get_type_hints(own, globalns=vars(sys.modules[cls.__module__]), include_extras=True)
    required = {name for name, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired}
    return {name: _plain(hint) for name, hint in hints.items()}, frozenset(required)


def _plain(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) in (typing.NotRequired, typing.Required) else hint


def _dict(cls: type, said: Said, path: str) -> Said:
    known, required = fields(cls)
    for name in said:
        if name not in known:
            param = f"{path}[{name}]" if path else name
            raise Refused(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    for name in sorted(required):
        if name not in said:
            raise missing(f"{path}[{name}]" if path else name)
    return {name: _value(known[name], value, f"{path}[{name}]" if path else name) for name, value in said.items()}


def _value(hint: Any, said: Any, path: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(typing.get_args(hint), said, path)
    if origin is Literal:
        return _literal(hint, said, path)
    if origin is list:
        if not isinstance(said, list):
            raise Refused(f"Invalid array: {path}", param=path)
        return [_value(typing.get_args(hint)[0], each, f"{path}[{number}]") for number, each in enumerate(said)]
    if origin is dict:
        if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
            raise Refused(f"Invalid object: {path} must be a set of key-value pairs of text", param=path)
        return said
    if typing_extensions.is_typeddict(hint):
        if not isinstance(said, dict):
            raise Refused(f"Invalid object: {path}", param=path)
        return _dict(hint, said, path)
    return _scalar(hint, said, path)


def _one_of(hints: tuple[Any, ...], said: Any, path: str) -> Any:
    """A closed list beside `str` is closed all the same: the SDK only leaves room for values of later versions."""
    closed = any(typing.get_origin(hint) is Literal for hint in hints)
    tried: Refused | None = None
    for hint in hints:
        if hint is str and closed:
            continue
        try:
            return _value(hint, said, path)
        except Refused as refused:
            tried = refused
    assert tried is not None
    raise tried


def _literal(hint: Any, said: Any, path: str) -> Any:
    for value in typing.get_args(hint):
        if said == value:
            return value
    raise Refused(f"Invalid {path}: must be one of {', '.join(map(repr, typing.get_args(hint)))}", param=path)


def _scalar(hint: Any, said: Any, path: str) -> Any:
    if not isinstance(said, str):
        raise Refused(f"Invalid string: {path}", param=path)
    if hint is int:
        if not said.lstrip("-").isdigit() or not said.isascii():
            raise Refused(f"Invalid integer: {said}", code="parameter_invalid_integer", param=path)
        return int(said)
    if hint is bool:
        if said not in ("true", "false"):
            raise Refused(f"Invalid boolean: {said}", param=path)
        return said == "true"
    if said == "":
        raise Refused(f"You passed an empty string for '{path}'.", code="parameter_invalid_empty", param=path)
    return said
