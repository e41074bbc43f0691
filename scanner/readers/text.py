"""Plain text: front matter, and an explicit AI label at the very beginning or end.

TC260-PG-20258A asks for the label in the first or last characters of a text, or in its front matter. Only these places
are read: what a text is *about* is not a statement about the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice, takewhile

from media.encoding import WIDTHS, detect_wide
from media.errors import Malformed, TooLarge
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.words import words

__all__ = ["TEXT", "Text"]

_HEAD = 64 << 10
_TAIL = 1 << 10
_MAX_JSON = 4 << 20
_MAX_SEARCHED = 1 << 30
"""Bytes of JSON that are searched for a label where they are too many to be parsed."""
_WINDOW = 1 << 20
_LABEL = "AIGC"
_MAX_DEPTH = 8
_EDGE = 64
"""Characters at either end in which an explicit label counts."""

_NAMES_AI = re.compile(r"(?<![A-Za-z])(?:AI|AIGC|A\.I\.)(?![A-Za-z])|人工智能|artificial intelligence", re.I)
_FENCE = re.compile(r"---[ \t]*\r?\n(.*?)(?:^(?:---|\.\.\.)[ \t]*$|\Z)", re.S | re.M)
_LINE = re.compile(
    r"(?P<indent> *)(?:- +)?(?P<key>[^\s:#\"'{\[-][^:#]{0,100}|\"[^\"]{1,100}\"):(?:[ \t]+(?P<value>.*))?"
)
_ITEM = re.compile(r" *- +(?P<value>.+)")
_BLOCK = re.compile(r"[|>][+-]?\d?")
_QUOTED = re.compile(r"(?:'(?P<one>(?:[^']|'')*)'|\"(?P<two>(?:[^\"\\]|\\.)*)\")\s*(?:#.*)?\Z")
_UNESCAPED = re.compile(r"\\([\"\\/])")
_META = re.compile(r"<meta\s+([^>]{1,4000})>", re.I)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


class Text(Reader):
    """Reads `front-matter/<path>`, `opening`, `closing`; `meta/<name>` of HTML; `AIGC` of JSON.

    The fields of a label in front matter are stated one by one, and together as the JSON that other formats hold.
    """

    name = "text"
    version = 4
    media_types = frozenset({"text/plain", "text/markdown", "text/csv", "text/html", "text/rtf", "application/json"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the statements of the head, then of the end."""
        data = medium.read(0, _HEAD)
        head = _whole_lines(data, cut=medium.size > len(data))
        if medium.media_type == "application/json":
            yield from self._json(medium)
        elif medium.media_type == "text/html":
            yield from self._html(head)
        else:
            label: dict[str, str] = {}
            for path, value, line in islice(_front_matter(head), MAX_STATEMENTS):
                yield self._evidence(f"front-matter/{path}", value, f"front matter, line {line}")
                if path.startswith("AIGC/"):
                    label.setdefault(path[5:], value)
            if label:
                yield self._evidence("front-matter/AIGC", json.dumps(label, ensure_ascii=False), "front matter, AIGC")
            yield from self._edges(head, medium)

    def _edges(self, head: str, medium: Medium) -> Iterator[Evidence]:
        opening = _without_front_matter(head)[:_EDGE]
        tail = _tail(medium)
        for key, edge in (("opening", opening), ("closing", tail[-_EDGE:] if len(tail) > _EDGE else "")):
            if _NAMES_AI.search(edge):
                yield self._evidence(key, edge, f"{'first' if key == 'opening' else 'last'} {_EDGE} characters")

    def _html(self, head: str) -> Iterator[Evidence]:
        for match in islice(_META.finditer(head), MAX_STATEMENTS):
            said = {name.lower(): one or two for name, one, two in _ATTRIBUTE.findall(match[1])}
            name, value = said.get("name") or said.get("property"), said.get("content")
            if name and value:
                yield self._evidence(f"meta/{name}", value, f"character {match.start()}, meta")

    def _json(self, medium: Medium) -> Iterator[Evidence]:
        """The label as a member of the outermost object, or of one in a file of one object a line."""
        if medium.size > _MAX_JSON:
            if _holds(medium, _LABEL):
                raise TooLarge(f"JSON of {medium.size} bytes that names {_LABEL}; up to {_MAX_JSON} are read")
            return  # data, and no document: it has no label anywhere
        for number, said in _documents(medium.read(0, _MAX_JSON)):
            label = said.get(_LABEL) if isinstance(said, dict) else None
            if label:
                value = label if isinstance(label, str) else json.dumps(label, ensure_ascii=False)
                yield self._evidence(_LABEL, value, f"line {number}, member AIGC" if number else "member AIGC")

    def _evidence(self, key: str, value: str, where: str) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where)


TEXT = Text()


def _documents(data: bytes) -> Iterator[tuple[int, object]]:
    """Line (0 where it is the only one) and value of each document. `Malformed` where the text is no JSON."""
    try:
        yield 0, json.loads(data)
    except RecursionError as error:
        raise Malformed("JSON that is nested too deeply") from error
    except ValueError as error:
        lines = [(number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
        try:
            found = [(number, json.loads(line)) for number, line in lines] if len(lines) > 1 else []
        except (ValueError, RecursionError):
            found = []
        if not found:
            raise Malformed(f"not valid JSON: {error}") from error
        yield from found


def _holds(medium: Medium, word: str) -> bool:
    """Whether the word stands anywhere in the file, in any encoding that JSON may have."""
    if medium.size > _MAX_SEARCHED:
        raise TooLarge(f"JSON of more than {_MAX_SEARCHED} bytes")
    forms = [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    tail = b""
    for at in range(0, medium.size, _WINDOW):
        block = tail + medium.read(at, _WINDOW)
        if any(form in block for form in forms):
            return True
        tail = block[-16:]
    return False


def _tail(medium: Medium) -> str:
    """The end as text, in the encoding of the begin; without a character that its first byte cuts."""
    wide = detect_wide(medium.read(0, _HEAD))
    begin = max(0, medium.size - _TAIL)
    if wide is None:
        return words(medium.read(begin, _TAIL).lstrip(bytes(range(0x80, 0xC0))))
    begin += -begin % WIDTHS[wide]
    return words(medium.read(begin, _TAIL).decode(wide, "replace").encode("utf-8", "replace"))


def _whole_lines(data: bytes, *, cut: bool) -> str:
    """As text; a cut head ends at its last line, lest a cut character spoil it."""
    if cut and (end := data.rfind(b"\n")) > 0 and detect_wide(data) is None:
        data = data[:end]
    return words(data).lstrip("\ufeff")


def _front_matter(text: str) -> Iterator[tuple[str, str, int]]:
    """Path, value and line of the scalars between the `---` lines: YAML's plain nested keys and lists, no more."""
    fence = _FENCE.match(text)
    trail: list[tuple[int, str]] = []
    lines = fence[1].splitlines() if fence else []
    block = 0
    for number, line in enumerate(lines, 2):
        if number < block:
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            item = _ITEM.fullmatch(line.rstrip())
            if item is not None and trail:
                yield "/".join(key for _, key in trail), _scalar(item["value"]), number
            continue
        indent = len(found["indent"])
        while trail and trail[-1][0] >= indent:
            trail.pop()
        if len(trail) >= _MAX_DEPTH:
            continue
        trail.append((indent, found["key"].strip("\"' ")))
        value = _scalar(found["value"] or "")
        if _BLOCK.fullmatch(value):
            taken = _block(lines[number - 1 :], indent)
            value, block = "\n".join(line.strip() for line in taken).strip(), number + 1 + len(taken)
        if value:
            yield "/".join(key for _, key in trail), value, number


def _scalar(said: str) -> str:
    """A value as meant: quotes of either kind taken off with what they escape, and the comment behind it."""
    said = said.strip()
    if found := _QUOTED.match(said):
        one, two = found["one"], found["two"]
        return one.replace("''", "'") if one is not None else _UNESCAPED.sub(r"\1", two)
    return said.split(" #", 1)[0].rstrip()


def _block(lines: list[str], indent: int) -> list[str]:
    """The lines of a block scalar: those that stand deeper than their key."""
    return [*takewhile(lambda line: not line.strip() or len(line) - len(line.lstrip()) > indent, lines)]


def _without_front_matter(text: str) -> str:
    fence = _FENCE.match(text)
    return text[fence.end() :].strip() if fence else text
