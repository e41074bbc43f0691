"""Writes XML in pieces: what files state comes in as text and cannot become markup.

Rule: only `Markup` is written as it is; any other string is made inert and escaped. What XML 1.0 cannot hold (control
characters, lone surrogates, U+FFFE and U+FFFF) is written out visibly. Source: XML 1.0, 2.2.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from scanner.reports.wording import inert

__all__ = ["DECLARATION", "Markup", "close", "comment", "element", "opening", "text"]

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NEVER: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


class Markup(str):
    """A string that is XML already."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Character data or an attribute's value."""
    return value if isinstance(value, Markup) else Markup(escape(inert(value, keep="\n\t").translate(_NEVER)))


def opening(name: str, /, **attributes: str) -> Markup:
    """A start tag. `type_` stands for an attribute whose name is a word of Python."""
    given = "".join(f' {key.rstrip("_")}="{text(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{given}>")


def close(name: str) -> Markup:
    """An end tag, and a line break."""
    return Markup(f"</{name}>\n")


def comment(value: str) -> str:
    """A comment on a line of its own; nothing where there are no words."""
    return f"<!-- {re.sub('-(?=-)', '- ', text(value))} -->\n" if value else ""


def element(name: str, /, *content: str, **attributes: str) -> Markup:
    """A whole element on a line of its own; its content in order."""
    inside = "".join(text(piece) for piece in content)
    return Markup(f"{opening(name, **attributes)}{inside}{close(name)}")
