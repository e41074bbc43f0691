"""The notice as Markdown, with pictures where they were drawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import quote

from scanner.notice.escaping import markdown_text
from scanner.notice.letter import Letter

__all__ = ["letter_markdown"]


def letter_markdown(letter: Letter, picture: Callable[[str], str | None]) -> str:
    """The document. `picture` gives the relative path of a picture by its name, or None where it was not drawn."""
    lines = [f"# {markdown_text(letter.title)}", "", "To:  ", "From:  ", "Date:  ", ""]
    lines += [f"{markdown_text(line, 900)}  " for line in letter.lines]
    for group in letter.groups:
        lines += ["", f"## {group.title}"]
        for use in group.uses:
            lines += ["", f"### {markdown_text(use.title)}", ""]
            shown = [path for name in use.pictures if (path := picture(name))]
            lines += [f"![what is seen]({quote(os.fsencode(path))})" for path in shown] + [""] * bool(shown)
            for fact in use.facts:
                label = f"**{fact.label}**" if fact.is_missing else fact.label
                lines.append(f"- {label}: {markdown_text(fact.text, 900)}")
    return "\n".join(lines) + "\n"
