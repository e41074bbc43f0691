"""CMX 3600 edit lists, and Avid log exchange (ALE), as the many programs write them.

Source for CMX 3600: SMPTE 258M-2004 and its common extensions in comment lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from media.errors import Malformed
from media.timelines.event import Event, Said, Title, Unread, Words, rate_or_none

__all__ = ["ale", "edl"]

_TIME = r"(\d\d?[:;.]\d\d[:;.]\d\d[:;.,]\d{2,3})"
_EVENT = re.compile(
    rf"\s*(?P<number>\d{{1,6}})\s+(?P<reel>\S.{{0,128}}?)\s+(?P<track>NONE|B|[AV][AV\d,+/&-]{{0,24}}|\d{{1,8}}V)"
    rf"\s+(?P<edit>C|D|K\s{{0,3}}[BO]?|W ?\d{{1,3}})\s+(?:\d{{1,4}}\s+)?(?:\(?F\)?\s+)?"
    rf"{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}\s*(?:\s[^\d\s].*)?",
    re.IGNORECASE,
)
_MOTION = re.compile(
    rf"\s*M2\s+(?P<reel>\S.*?)??\s*(?P<fps>(?:(?<=\s)\d|[+-]\d)\d{{0,4}}(?:\.\d{{0,4}})?)(?:\s+{_TIME})?\s*"
)
_REPLACED = re.compile(r"FINAL CUT PRO REEL:\s*(?P<long>\S.{0,128}?)\s+REPLACED BY:\s*(?P<short>\S.*)", re.IGNORECASE)
_BEGUN = re.compile(r"\s*\d{1,6}(?:\s|\Z)")
_MISPLACED = re.compile(r"(?:2[5-9]|[3-9]\d)\W.*|\d+\W(?:[6-9]\d\W.*|\d\d\W[6-9]\d\W.*)")
"""A label that no clock shows. 24:00:00:00 is where a day ends."""
_COMMENT = re.compile(r"\s*(?:\*|>>>)\s*(?P<key>[A-Z][A-Z0-9 _/-]{1,40}?)\s*:(?P<text>.*)", re.IGNORECASE)
_NAMES = frozenset({"FROM CLIP NAME", "CLIP NAME", "SOURCE CLIP NAME", "SOURCE"})
_FILES = frozenset(
    {"SOURCE FILE", "SOURCE FILE NAME", "FROM FILE", "FROM CLIP", "SOURCE FILE PATH", "FILE", "MEDIA", "MEDIA FILE"}
)
_NOTES = frozenset({"COMMENT", "COMMENTS", "LOC", "NOTE", "NOTES"})
_BLACK = frozenset({"BL", "BLK", "BLACK", "BARS"})
_MAX_LINE, _MAX_MOTION = 4096, 256


def edl(text: str) -> Iterator[Said]:
    """The events of an edit list; comment lines belong to the event above them. Raises `Malformed` where no line is an
    event's."""
    drop = known = False
    pending: list[Event] = []
    for number, line in enumerate(text.splitlines(), 1):
        where = f"line {number}"
        if len(line) > _MAX_LINE:
            if _BEGUN.match(line):
                yield Unread(where)
            continue
        key = line[:6].upper()
        known = known or key == "TITLE:" or key.startswith("FCM:") or _BEGUN.match(line) is not None
        if key == "TITLE:":
            yield Title(line[6:].strip(), where)
        elif key.startswith("FCM:"):
            drop = "NON" not in line.upper() and "DROP" in line.upper()
        elif found := _EVENT.fullmatch(line):
            if not pending or pending[0].where.partition(", ")[2] != f"event {found['number']}":
                yield from _sources(pending)
                pending = []
            times = [_marked(time, drop) for time in found.groups()[4:]]
            pending.append(
                Event(
                    name="",
                    where=f"{where}, event {found['number']}",
                    reel=found["reel"],
                    track=found["track"].upper(),
                    source_in=times[0],
                    source_out=times[1],
                    record_in=times[2],
                    record_out=times[3],
                    is_misplaced=any(map(_MISPLACED.fullmatch, times)),
                )
            )
        elif re.match(r"\s*M2\s", line):
            pending = _retimed(pending, _MOTION.fullmatch(line[:_MAX_MOTION]))
        elif _BEGUN.match(line):
            yield Unread(where)
        elif found := _REPLACED.fullmatch(line):
            pending = [replace(it, reel=found["long"]) if it.reel == found["short"].strip() else it for it in pending]
        elif found := _COMMENT.fullmatch(line):
            key, said = found["key"].upper(), found["text"].strip()
            pending = _commented(pending, key, said)
            if key in _NOTES and said:
                yield Words("note", said, where)
    yield from _sources(pending)
    if not known:
        raise Malformed("no line of it is one of an edit list")


def _retimed(pending: list[Event], motion: re.Match[str] | None) -> list[Event]:
    """The events of one number, with the speed that an M2 line gives to the last that fits it: the reel, its frames in
    a second, and the source's label where it begins. Where the source ends then follows from the list's rate, which it
    does not state; the column often repeats the record's length. One that is not understood leaves the speed open."""
    reel, begin = (motion["reel"] or "", motion[3] or "") if motion is not None else ("", "")
    fits = [number for number, event in enumerate(pending) if event.reel == reel or reel.startswith(event.reel)]
    exact = [number for number in fits if begin and _digits(pending[number].source_in) == _digits(begin)]
    number = next(reversed(exact or fits or range(len(pending))), None)
    if number is None:
        return pending
    if motion is None:
        pending[number] = replace(pending[number], speed=None, source_in="", source_out="")
        return pending
    fps = Decimal(motion["fps"])
    event = replace(pending[number], speed_fps=fps or None, speed=Fraction(1 if fps else 0))
    if fps < 0:  # lists differ in the end at which a reversed source begins
        event = replace(event, source_in="")
    pending[number] = replace(event, source_out="")
    return pending


def _digits(label: str) -> str:
    return re.sub(r"\D", "", label)


def _commented(pending: list[Event], key: str, text: str) -> list[Event]:
    """The events of one number, with what a comment states about them: the first is *from*, the last is *to*."""
    if not pending or not text:
        return pending
    if key in _NAMES and not pending[0].name:
        pending[0] = replace(pending[0], name=text)
    elif key == "TO CLIP NAME" or (key == "KEY CLIP NAME" and not pending[-1].name):
        pending[-1] = replace(pending[-1], name=text)
    elif key in _FILES:
        at = next((index for index, event in enumerate(pending) if not event.file), len(pending) - 1)
        pending[at] = replace(pending[at], file=text)
    return pending


def _sources(pending: list[Event]) -> Iterator[Event]:
    """Black and bars are no source; an event without a name is called by its file or reel."""
    for event in pending:
        name = event.name or event.file or event.reel
        if event.reel.upper() not in _BLACK and name:
            yield replace(event, name=name)


def _marked(time: str, drop: bool) -> str:
    """The label with `:` between its first three numbers, and `;` before the frames where the list says drop frame and
    the writer used `:` throughout."""
    if time[2:3] == "." or time[1:2] == ".":
        time = time.replace(".", ":", 3 if time.count(".") == 3 else 2)
    return f"{time[:8]};{time[9:]}" if drop and ";" not in time and len(time) == 11 else time


def ale(text: str) -> Iterator[Said]:
    """The rows of an Avid log: one clip each."""
    heading: dict[str, str] = {}
    columns: list[str] = []
    state = ""
    for number, line in enumerate(text.splitlines(), 1):
        first = line.split("\t", 1)[0].strip()
        if first in ("Heading", "Column", "Data"):
            state = first
        elif state == "Heading" and "\t" in line:
            key, _, value = line.partition("\t")
            heading[key.strip()] = value.strip()
        elif state == "Column" and line.strip():
            columns = [column.strip().lower() for column in line.split("\t")[:400]]
        elif state == "Data" and line.strip():
            yield from _row(dict(zip(columns, line.split("\t"), strict=False)), heading, f"line {number}")


def _row(row: dict[str, str], heading: dict[str, str], where: str) -> Iterator[Event]:
    def cell(*names: str) -> str:
        return next((value for name in names if (value := row.get(name, "").strip())), "")

    file = cell("source file path", "source file", "file name", "filename", "uri")
    name = cell("name", "clip name") or file
    if name:
        yield Event(
            name=name,
            where=where,
            file=file,
            reel=cell("tape", "reel", "source tape", "camroll"),
            track=cell("tracks"),
            source_in=cell("start"),
            source_out=cell("end"),
            rate=rate_or_none(cell("fps") or heading.get("FPS", "")),
        )
