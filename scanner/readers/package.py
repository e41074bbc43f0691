"""Packages and hash lists: who made them, which files they list, which assets they play.

IMF and DCP (SMPTE ST 2067, ST 429), ASC MHL 2, MHL 1.x, checksum files, BagIt. Elements are recognised by local name:
the namespaces differ by year, the names do not. The listed files are typed entries, and one statement gives their
number; `scanner.examine.integrity` compares them with the delivery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from media import lists, safe_xml
from media.errors import MediaError, TooLarge
from scanner.model import Evidence, ListedFile
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


class Package(Reader):
    """Reads packages and hash lists: who made them, which files they list, which assets they play."""

    name = "package"
    version = 4
    media_types = _SMPTE | _MHL | {"application/x-checksums", _BAG}

    def read(self, medium: Medium) -> Iterator[Evidence | ListedFile]:
        """Heads first, then the listed files and `lists`, their number, and `uses` in the order of the file."""
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
        count, fault = 0, None
        algorithms: dict[str, None] = {}
        try:
            for entry in lists.entries(medium.file, medium.media_type, medium.path.name):
                count += 1
                algorithms[entry.algorithm] = None
                yield entry
        except MediaError as error:
            fault = error
        if count:
            facts = {"entries": str(count), "algorithms": " ".join(filter(None, algorithms))}
            yield self._evidence("lists", f"{count:,} {'entry' if count == 1 else 'entries'}", "all of it", facts)
        if fault is not None:
            raise fault

    def _uses(self, medium: Medium) -> Iterator[Evidence]:
        """The track files that a composition plays, in order."""
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
                yield self._evidence("uses", asset, safe_xml.where(element), _describe_resource(element, reel + 1))

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


def _describe_resource(element: safe_xml.Element, reel: int) -> dict[str, str]:
    """In edit units of `rate`; the kind is the IMF sequence's or the DCP asset's element name."""
    kind = safe_xml.local(element)
    ancestor = element.getparent()
    if kind == "Resource" and ancestor is not None and (sequence := ancestor.getparent()) is not None:
        kind = safe_xml.local(sequence)
    return {
        "kind": kind,
        "reel": str(reel),
        "entry": safe_xml.text(element, "EntryPoint"),
        "duration": safe_xml.text(element, "SourceDuration") or safe_xml.text(element, "Duration"),
        "intrinsic": safe_xml.text(element, "IntrinsicDuration"),
        "repeat": safe_xml.text(element, "RepeatCount"),
        "rate": safe_xml.text(element, "EditRate").replace(" ", "/"),
        "annotation": safe_xml.text(element, "AnnotationText") or safe_xml.text(element, "Annotation"),
        "encrypted": "yes" if safe_xml.text(element, "KeyId") else "",
    }
