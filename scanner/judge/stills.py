"""Stills that a cut names and that have no source: no library item was recognised, and no register row names them.

A documentary's photos are often in the programme only, so the cut's list is the one place that has their names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanner.globs import folded
from scanner.judge.cut import AssetKey, base_name
from scanner.model import Asset, Evidence, Examination, Kind, Match

__all__ = ["KEY", "NamedStills", "names_of_matches"]

KEY = "unsourced-still"
"""The key of the evidence that names such a still."""
_ENDINGS = ("jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "webp", "bmp", "gif", "psd", "jp2", "dng", "avif")


@dataclass(slots=True)
class NamedStills:
    """The stills that a run's timelines name by file name."""

    _clips: dict[AssetKey, list[Evidence]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._clips)

    def noting(self, examinations: Iterable[Examination]) -> Iterator[Examination]:
        """Pass examinations through, and note the stills that timelines among them name."""
        for seen in examinations:
            if seen.asset.kind is Kind.TIMELINE:
                clips = [item for item in seen.evidence if item.key == "source-clip" and _still(item)]
                if clips:
                    self._clips[seen.asset.root, seen.asset.path] = clips
            yield seen

    def unsourced(self, asset: Asset, sourced: frozenset[str], reader: str) -> tuple[Evidence, ...]:
        """The stills that a timeline names and that have no source, each once, as evidence."""
        found: dict[str, Evidence] = {}
        for clip in self._clips.get((asset.root, asset.path), ()):
            name = _still(clip)
            if clip.facts.get("enabled") != "no" and sourced.isdisjoint(_forms(name)):
                found.setdefault(folded(name), dataclasses.replace(clip, reader=reader, key=KEY, value=name, frames=()))
        return tuple(found.values())


def names_of_matches(pairs: Iterable[tuple[Asset, Iterable[Match]]], others: Iterable[str]) -> frozenset[str]:
    """All names of what has a source: recognised library items, the files that show them, and names from elsewhere,
    such as the rows of a register."""
    names = {form for name in others for form in _forms(name)}
    for asset, matches in pairs:
        known = [match for match in matches if not match.facts.is_own]
        said = [name for it in known for name in (it.reference, it.facts.title, it.facts.source) if name]
        if known and asset.kind is Kind.IMAGE:
            said.append(asset.path)
        names.update(form for name in said for form in _forms(name))
    return frozenset(names)


def _still(clip: Evidence) -> str:
    """The name of the picture that a clip is; empty where it is none."""
    names = (*(clip.facts.get(key, "") for key in ("file", "name")), clip.value)
    return next((name for said in names if (name := _last(said)).lower().rpartition(".")[2] in _ENDINGS), "")


def _last(said: str) -> str:
    return said.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _forms(name: str) -> frozenset[str]:
    """A name as it may be written elsewhere: with and without its folders and its ending."""
    last = folded(_last(name))
    return frozenset({last, last.rpartition(".")[0] or last, base_name(last)} - {""})
