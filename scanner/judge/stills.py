"""Stills that a cut names and that have no source: no library item was recognised, and no register row names them.

A documentary's photos are often in the programme only, so the cut's list is the one place that has their names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.globs import folded
from scanner.judge.cut import AssetKey, base_name
from scanner.model import Asset, Event, Evidence, Examination, Kind, Match
from scanner.sequences import state_event

__all__ = ["KEY", "NamedStills", "names_of_matches"]

KEY = "unsourced-still"
"""The key of the evidence that names such a still."""
_ENDINGS = ("jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "webp", "bmp", "gif", "psd", "jp2", "dng", "avif")


@dataclass(slots=True)
class NamedStills:
    """The stills that a run's timelines name by file name."""

    _clips: dict[AssetKey, list[Event]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._clips)

    def note(self, seen: Examination) -> None:
        """Note the stills that an asset names, if it is a timeline."""
        clips = [event for one in seen.sequences for event in one.enabled if _still(event)]
        if clips:
            self._clips[seen.asset.root, seen.asset.path] = clips

    def unsourced(self, asset: Asset, sourced: frozenset[str], reader: str) -> tuple[Evidence, ...]:
        """The stills that a timeline names and that have no source, each once, as evidence."""
        found: dict[str, Evidence] = {}
        for clip in self._clips.get((asset.root, asset.path), ()):
            name = _still(clip)
            if sourced.isdisjoint(_forms(name)):
                stated = dataclasses.replace(state_event(clip), reader=reader, key=KEY, value=name)
                found.setdefault(folded(name), stated)
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


def _still(clip: Event) -> str:
    """The name of the picture that a clip is; empty where it is none."""
    return next(
        (name for said in (clip.file, clip.name) if (name := _last(said)).lower().rpartition(".")[2] in _ENDINGS), ""
    )


def _last(said: str) -> str:
    return said.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _forms(name: str) -> frozenset[str]:
    """A name as it may be written elsewhere: with and without its folders and its ending."""
    last = folded(_last(name))
    return frozenset({last, last.rpartition(".")[0] or last, base_name(last)} - {""})
