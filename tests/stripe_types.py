"""Whether a request or a reply is one that Stripe knows.

Judged by the types that the stripe package ships, which are made from Stripe's own description.
"""

import ast
import functools
import importlib
import inspect
import sys
import types
import typing
from typing import Any

import stripe
import typing_extensions

WRAPPERS = (typing_extensions.NotRequired, typing_extensions.Required, typing.Annotated)
UNIONS = (typing.Union, types.UnionType)
PLAIN = {int: int, str: str, bool: bool, float: (int, float)}


def faults(value: Any, kind: Any, path: str = "") -> list[str]:
    """What does not fit between a value and a type; empty where it fits.

    An enumeration is closed, although the package would take any string.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in WRAPPERS:
        return faults(value, inner[0], path)
    if origin in UNIONS:
        closed = [i for i in inner if typing.get_origin(i) is typing.Literal]
        ways = [i for i in inner if i is not str] if closed else list(inner)
        return (
            []
            if any(not faults(value, way, path) for way in ways)
            else [f"{path}: {value!r:.60} fits none of {len(ways)} ways"]
        )
    if origin is typing.Literal:
        return [] if value in inner else [f"{path}: {value!r} is none of {inner[:8]}"]
    if origin is list:
        return (
            [
                fault
                for n, item in enumerate(value)
                for fault in faults(item, inner[0], f"{path}[{n}]")
            ]
            if isinstance(value, list)
            else [f"{path}: no list"]
        )
    if origin is dict:
        return [] if isinstance(value, dict) else [f"{path}: no mapping"]
    if kind is type(None):
        return [] if value is None else [f"{path}: not null"]
    return _of_class(value, kind, path)


def read_form(value: Any, kind: Any) -> Any:
    """A form's strings as the whole numbers and truths that the type asks for."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in WRAPPERS:
        return read_form(value, inner[0])
    if origin in UNIONS:
        return next(
            (read for way in inner if not faults(read := read_form(value, way), way)), value
        )
    if origin is list and isinstance(value, list):
        return [read_form(item, inner[0]) for item in value]
    if typing_extensions.is_typeddict(kind) and isinstance(value, dict):
        known = fields_of(kind)
        return {
            name: read_form(item, known[name]) if name in known else item
            for name, item in value.items()
        }
    if kind is int and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value == "true" if kind is bool and value in {"true", "false"} else value


def empty(kind: Any, depth: int = 0) -> Any:
    """The least value of a type.

    Null where it may be, the first of an enumeration, an object with all its fields.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in UNIONS:
        return None if type(None) in inner else empty(inner[0], depth)
    if origin is typing.Literal:
        return inner[0]
    if origin in (list, dict):
        return origin()
    if inspect.isclass(kind) and issubclass(kind, stripe.StripeObject):
        return (
            {name: empty(field, depth + 1) for name, field in fields_of(kind).items()}
            if depth < 4
            else {}
        )
    return kind() if kind in PLAIN else None


@functools.cache
def fields_of(kind: Any) -> dict[str, Any]:
    """The fields of a class of the stripe package with their types, forward references resolved."""
    module = sys.modules[kind.__module__]
    hidden = (
        "_stripe_context",
        "_stripe_object",
        "_list_object",
        "_expandable_field",
        "_request_options",
    )
    own = {
        name: value
        for part in hidden
        for name, value in vars(importlib.import_module(f"stripe.{part}")).items()
    }
    names: dict[str, Any] = {
        **own,
        **vars(stripe),
        **vars(typing),
        **vars(typing_extensions),
        **vars(module),
    }
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {
            "stripe",
            "decimal",
        }:
            source = importlib.import_module(node.module or "")
            for alias in node.names:
                if hasattr(source, alias.name):
                    names.setdefault(alias.asname or alias.name, getattr(source, alias.name))
    outer = kind.__qualname__.split(".")[0]
    hints = typing_extensions.get_type_hints(
        kind, globalns=names, localns={outer: getattr(module, outer, None)}, include_extras=True
    )
    return {
        n: t
        for n, t in hints.items()
        if not n.startswith("_")
        and n != "OBJECT_NAME"
        and typing.get_origin(t) is not typing.ClassVar
    }


def _of_class(value: Any, kind: Any, path: str) -> list[str]:
    if typing_extensions.is_typeddict(kind) or (
        inspect.isclass(kind) and issubclass(kind, stripe.StripeObject)
    ):
        if not isinstance(value, dict):
            return [f"{path}: no object"]
        known = fields_of(kind)
        strange = [
            f"{path}.{name}: Stripe knows no such field"
            for name in value
            if known and name not in known
        ]
        needed = (
            getattr(kind, "__required_keys__", ()) if typing_extensions.is_typeddict(kind) else ()
        )
        missing = [f"{path}.{name}: missing" for name in needed if name not in value]
        return (
            strange
            + missing
            + [
                fault
                for name, item in value.items()
                if name in known
                for fault in faults(item, known[name], f"{path}.{name}")
            ]
        )
    if kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and not (
            kind in {int, float} and isinstance(value, bool)
        )
        return [] if fits else [f"{path}: {value!r:.40} is no {kind.__name__}"]
    return []
