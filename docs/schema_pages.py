"""The JSON Schema of a record, from the types that read it; descriptions are the types' own docstrings."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from typing import Any

from media.words import OpenEnum
from scanner import model
from scanner.records import record_types

__all__ = ["record_schema"]

_NAMES = {"into": "in"}
"""Attributes that are called otherwise in JSON, because Python has the word."""


def record_schema() -> str:
    """The text of `schemas/record-2.schema.json`."""
    plain = record_types.json_schema()
    definitions: dict[str, Any] = plain["$defs"]
    root = definitions.pop(plain["$ref"].rpartition("/")[2])
    for name, definition in definitions.items():
        _describe(definition, getattr(record_types, name, None) or getattr(model, name))
    _describe(root, record_types.AnyLine)
    root["properties"]["schema"] = {"const": record_types.SCHEMA}
    number = record_types.SCHEMA.rpartition("/")[2]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:x-provscan:schema:record:{number}",
        **root,
        "title": f"{record_types.SCHEMA}: one line of records.jsonl",
        "description": (
            "Keys may be added, and words to open vocabularies; none changes its meaning without a new schema number."
            " A reader ignores keys that it does not know and keeps words that it does not know."
        ),
        "$defs": {name.lstrip("_"): definition for name, definition in definitions.items()},
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return text.replace('"#/$defs/_', '"#/$defs/') + "\n"


def _describe(definition: dict[str, Any], noun: Any) -> None:
    definition.pop("title", None)
    definition["description"] = " ".join((noun.__doc__ or "").split())
    if "enum" in definition:
        words = [word.value for word in noun]
        definition["enum"] = words
        if issubclass(noun, OpenEnum):
            del definition["enum"]
            definition["description"] += " An open vocabulary: later versions may have more words."
            definition["anyOf"] = [{"enum": words}, {"type": "string"}]
    told = _field_docstrings(noun)
    for name, rules in definition.get("properties", {}).items():
        if told.get(name):
            rules["description"] = told[name]
        rules.pop("default", None)


def _field_docstrings(noun: type) -> dict[str, str]:
    """Field → the docstring under it, in the class or in one that it extends."""
    found: dict[str, str] = {}
    for cls in reversed(noun.__mro__):
        if cls.__module__ == noun.__module__:
            found |= _own_docstrings(cls)
    return found


def _own_docstrings(noun: type) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(noun))).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 - it is the source of a class
    found: dict[str, str] = {}
    for field, doc in zip(tree.body, tree.body[1:], strict=False):
        match field, doc:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[_NAMES.get(name, name)] = " ".join(text.split())
    return found
