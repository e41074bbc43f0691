"""Final Cut Pro X XML (`fcpxml` 1.x). Source: Apple, "FCPXML Reference"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from media.safe_xml import Element, document, local, where
from media.timecode import rate_of
from media.timelines.event import Event, Said, Title, Words, label

__all__ = ["fcpxml"]

_USES = frozenset({"asset-clip", "video", "audio"})
_NAMED = frozenset({"clip", "sync-clip", "asset-clip", "mc-clip", "ref-clip"})
_WRAPS = frozenset({"clip", "sync-clip"})
_TIMED = _USES | _NAMED | {"gap", "title", "audition", "storyline", "spine"}
_TIME = re.compile(r"(\d{1,18})(?:/(\d{1,18}))?s|(\d{1,12}\.\d{1,9})s")


def fcpxml(data: bytes) -> Iterator[Said]:
    """Every use of an asset, in document order, placed on its sequence's clock."""
    root = document(data)
    assets = {str(asset.get("id")): asset for asset in root.iter() if local(asset) == "asset"}
    formats = {str(entry.get("id")): entry for entry in root.iter() if local(entry) == "format"}
    for element in root.iter():
        name = local(element)
        if name == "project" and element.get("name"):
            yield Title(str(element.get("name")), where(element))
        elif name in ("marker", "chapter-marker") and (said := element.get("value") or element.get("note")):
            yield Words("note", str(said), where(element))
        elif name == "note" and element.text and element.text.strip():
            yield Words("note", element.text.strip(), where(element))
        elif name in _USES and (asset := assets.get(str(element.get("ref")))) is not None:
            yield _event(element, asset, formats)


def _event(element: Element, asset: Element, formats: dict[str, Element]) -> Event:
    above = [element, *element.iterancestors()]
    sequence = next((entry for entry in above if local(entry) == "sequence"), None)
    rate, drop = _clock(sequence, formats)
    named = next((entry for entry in above if local(entry) in _NAMED and entry.get("name")), element)
    # A `clip` shows a part of the media it wraps: its own place and length are what the cut sees.
    shown = named if local(named) in _WRAPS else element
    length = _time(shown.get("duration"))
    first = _time(element.get("start"))
    first = first if first is not None else _time(asset.get("start"))
    into, own = _placed(above[above.index(shown) :], sequence), _placed(above, sequence)
    if first is not None and into is not None and own is not None:
        first += into - own
    return Event(
        name=str(named.get("name") or asset.get("name") or "(no name)"),
        where=where(element),
        file=_source(asset),
        track=f"{'audio' if local(element) == 'audio' else 'video'} {element.get('lane', '0')}",
        record_in=label(into, rate, drop=drop),
        record_out=label(None if into is None or length is None else into + length, rate, drop=drop),
        source_in=label(first, rate),
        source_out=label(None if first is None or length is None else first + length, rate),
        rate=str(rate or ""),
        is_misplaced=shown.get("duration") is not None and length is None,
    )


def _placed(above: list[Element], sequence: Element | None) -> Fraction | None:
    """The element's time on the sequence: an offset is on the clock of what holds it, which begins at its start."""
    if sequence is None:
        return None
    at = Fraction(0)
    timed = [entry for entry in above[: above.index(sequence)] if local(entry) in _TIMED]
    for entry, holder in zip(timed, [*timed[1:], None], strict=True):
        if entry.get("offset") is not None:
            at += _time(entry.get("offset")) or Fraction(0)
            if holder is not None and local(holder) not in ("spine", "storyline"):
                at -= _time(holder.get("start")) or Fraction(0)
    outer = timed[-1] if timed else None
    placed = outer is not None and any(entry.get("offset") is not None for entry in timed)
    return at + (Fraction(0) if placed else _time(sequence.get("tcStart")) or Fraction(0))


def _source(asset: Element) -> str:
    """1.0–1.8 say `src` on the asset, 1.9 and later on its `media-rep`."""
    own = asset.get("src")
    return str(own or next((entry.get("src") for entry in asset if local(entry) == "media-rep"), "") or "")


def _clock(sequence: Element | None, formats: dict[str, Element]) -> tuple[Fraction | None, bool]:
    form = formats.get(str(sequence.get("format"))) if sequence is not None else None
    frame = _time(form.get("frameDuration")) if form is not None else None
    drop = sequence is not None and sequence.get("tcFormat") == "DF"
    try:
        return (rate_of(1 / frame) if frame else None), drop
    except ValueError:
        return None, drop


def _time(said: object) -> Fraction | None:
    """`1001/30000s`, `5s`, `5.5s`."""
    found = _TIME.fullmatch(str(said))
    if found is None:
        return None
    if found[3]:
        return Fraction(found[3])
    return Fraction(int(found[1]), int(found[2] or 1)) if int(found[2] or 1) else None
