"""Packages and hash lists: who made them, which files they list, which assets they play.

IMF and DCP (SMPTE ST 2067, ST 429), ASC MHL 2, MHL 1.x, checksum files, BagIt. Elements are recognised by local name:
the namespaces differ by year, the names do not. The listed files are typed entries, and one statement gives their
number; `scanner.examine.integrity` compares them with the delivery.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from media import lists, safe_xml
from media.errors import TooLarge
from media.timecode import rate_of
from scanner.model import Evidence, ListedFile, PlayedResource
from scanner.readers.each import in_turn
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["PACKAGE", "Package"]

_SMPTE = frozenset(
    {
        "application/x-smpte-assetmap",
        "application/x-smpte-pkl",
        "application/x-smpte-cpl",
        "application/x-smpte-opl",
    }
)
_MHL = frozenset({"application/x-asc-mhl", "application/x-mhl"})
_BAG = "application/x-bagit"
_LISTS = (_SMPTE | _MHL | {"application/x-checksums"}) - {"application/x-smpte-cpl", "application/x-smpte-opl"}

_HEADS = (
    *("Creator", "Issuer", "AnnotationText", "Annotation", "ContentTitle", "ContentTitleText", "ContentOriginator"),
    *("ContentKind", "IssueDate", "Description", "IconId", "CompositionPlaylistId"),
)
_MHL_HEADS = ("tool", "hostname", "author", "location", "comment", "name", "username", "log")
_IGNORED = "pattern"
"""ASC MHL, `processinfo/ignore`: what the list leaves out, as `.gitignore` writes it."""
_BODIES = frozenset({"AssetList", "ReelList", "SegmentList", "MacroList", "hashes", "hash", "directoryhash"})
"""The heads come before these; the walk for heads ends there."""
_PLAYED = (
    *("Resource", "MainPicture", "MainStereoscopicPicture", "MainSound", "MainSubtitle", "MainClosedCaption"),
    *("AuxData", "MainCaption", "ClosedCaption", "ClosedSubtitle"),
)
_MAX_PLAYED = 100_000
_MAX_WORDS = 400
"""Characters of an id or annotation of what is played."""
_WHOLE = re.compile(r"\d{1,18}")


class Package(Reader):
    """Reads packages and hash lists: who made them, which files they list, which assets they play."""

    name = "package"
    version = 5
    media_types = _SMPTE | _MHL | {"application/x-checksums", _BAG}

    def read(self, medium: Medium) -> Iterator[Evidence | ListedFile | PlayedResource]:
        """Heads first, then what the file lists or plays, in its order, and its number: `lists`, `plays`."""
        if medium.media_type == _BAG:
            yield from self._bag(medium)
        elif medium.media_type in _SMPTE:
            yield from self._heads(medium, _HEADS, depth=1)
        elif medium.media_type in _MHL:
            yield from self._heads(medium, _MHL_HEADS, depth=2)
            yield from self._heads(medium, (_IGNORED,), depth=3)
        if medium.media_type in _LISTS:
            yield from self._lists(medium)
        if medium.media_type == "application/x-smpte-cpl":
            yield from self._uses(medium)

    def _heads(self, medium: Medium, names: tuple[str, ...], *, depth: int) -> Iterator[Evidence]:
        for kind, element in safe_xml.events(medium.file):
            name = safe_xml.local(element)
            if kind == "start" and name in _BODIES:
                return
            value = (element.text or "").strip() if kind == "end" and name in names else ""
            if value and sum(1 for _ in element.iterancestors()) == depth:
                facts = {key: str(said) for key, said in element.attrib.items() if key in ("version", "email")}
                yield self._evidence(name, value, safe_xml.where(element), facts)

    def _lists(self, medium: Medium) -> Iterator[Evidence | ListedFile]:
        """Every entry; and at the end, or before the fault that ends them, how many they were."""
        algorithms = Counter[str]()

        def entries() -> Iterator[ListedFile]:
            for entry in lists.entries(medium.file, medium.media_type, medium.path.name):
                algorithms[entry.algorithm] += 1
                yield entry

        def count() -> Iterator[Evidence]:
            total = algorithms.total()
            facts = {"entries": str(total), "algorithms": " ".join(filter(None, algorithms))}
            if total:
                yield self._evidence("lists", f"{total:,} {'entry' if total == 1 else 'entries'}", "all of it", facts)

        return in_turn(entries(), count())

    def _uses(self, medium: Medium) -> Iterator[Evidence | PlayedResource]:
        """The track files that a composition plays, in order; at the end, or before a fault, how many they were."""
        encrypted = Counter[bool]()

        def resources() -> Iterator[PlayedResource]:
            for played in _played(medium):
                encrypted[played.is_encrypted] += 1
                yield played

        def count() -> Iterator[Evidence]:
            total = encrypted.total()
            facts = {"resources": str(total), "encrypted": str(encrypted[True] or "")}
            if total:
                words = f"{total:,} {'resource' if total == 1 else 'resources'}"
                yield self._evidence("plays", words, "all of it", facts)

        return in_turn(resources(), count())

    def _bag(self, medium: Medium) -> Iterator[Evidence]:
        """`bagit.txt` and `bag-info.txt`: labels and values (RFC 8493 §2.1.1, §2.2.2)."""
        lines = medium.read(0, MAX_VALUE).decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines[:400], 1):
            label, colon, value = line.partition(":")
            if colon and value.strip() and re.fullmatch(r"[A-Za-z][\w .-]{0,60}", label):
                yield self._evidence(label, value.strip(), f"line {number}")

    def _evidence(self, key: str, value: str, where: str, facts: dict[str, str] | None = None) -> Evidence:
        kept = {name: said for name, said in (facts or {}).items() if said}
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where, facts=kept)


PACKAGE = Package()


def _played(medium: Medium) -> Iterator[PlayedResource]:
    """What a composition plays, in order, however much of it."""
    reel = count = 0
    for element in safe_xml.elements(medium.file, *_PLAYED, "Reel", "Segment"):
        if safe_xml.local(element) in ("Reel", "Segment"):
            reel += 1
            continue
        asset = safe_xml.text(element, "TrackFileId") or safe_xml.text(element, "Id")
        count += 1
        if count > _MAX_PLAYED:
            raise TooLarge(f"the composition plays more than {_MAX_PLAYED} resources")
        if asset:
            yield _resource(element, asset[:_MAX_WORDS], reel + 1)


def _resource(element: safe_xml.Element, asset: str, reel: int) -> PlayedResource:
    """In edit units of `rate`; the kind is the IMF sequence's or the DCP asset's element name."""
    kind = safe_xml.local(element)
    ancestor = element.getparent()
    if kind == "Resource" and ancestor is not None and (sequence := ancestor.getparent()) is not None:
        kind = safe_xml.local(sequence)
    rate = safe_xml.text(element, "EditRate").split()
    annotation = safe_xml.text(element, "AnnotationText") or safe_xml.text(element, "Annotation")
    return PlayedResource(
        id=asset,
        where=safe_xml.where(element),
        kind=kind,
        reel=reel,
        entry=_units(element, "EntryPoint"),
        duration=_units(element, "SourceDuration", "Duration"),
        intrinsic=_units(element, "IntrinsicDuration"),
        repeat=_units(element, "RepeatCount"),
        rate=_rate("/".join(rate)),
        annotation=annotation[:_MAX_WORDS],
        is_encrypted=bool(safe_xml.text(element, "KeyId")),
    )


def _units(element: safe_xml.Element, *names: str) -> int | None:
    """A whole number that one of some elements states; None where none does."""
    text = next(filter(None, (safe_xml.text(element, name) for name in names)), "")
    return int(text) if _WHOLE.fullmatch(text) else None


def _rate(text: str) -> Fraction | None:
    try:
        return rate_of(text) if text else None
    except ValueError:
        return None
