"""Makes text from files and sheets safe for Markdown: no markup, no HTML, no links, one line."""

from __future__ import annotations

import re

from scanner.reports.wording import trim

__all__ = ["markdown_text"]

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$])")
_LINKS = re.compile(r"(?i)(?<=[a-z0-9])(:)(?=//)|(?<=www)(\.)|(?<=mailto)(:)")
"""What makes a link of plain text in extended Markdown."""


def markdown_text(value: str, limit: int = 600) -> str:
    """The value as one line of plain text within a paragraph or a table's cell, never at the beginning of a line."""
    text = trim(value, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKS.sub(lambda found: f"\\{found[0]}", _MARKUP.sub(r"\\\1", text))
