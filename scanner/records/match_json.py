"""What is known of a match as the JSON values of a record of schema 1, and back: facts were texts, lists had lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, TypeVar

from scanner.model import (
    Claim,
    Comparison,
    CutFacts,
    Grade,
    LineUp,
    MatchFacts,
    Measure,
    Quality,
    Relation,
    Says,
    Sense,
)
from scanner.records.place_json import box_json, read_box

__all__ = ["comparison_json", "facts_json", "read_comparison", "read_facts"]

T = TypeVar("T")
_TEXTS: Final = (
    "library", "digest", "title", "source", "licence", "ai_terms", "valid_until", "uses", "territory", "written",
)  # fmt: skip
_CUT: Final = {
    "timeline_event": "event", "source_clip": "clip", "source_reel": "reel", "source_in": "source_in",
    "source_out": "source_out",
}  # fmt: skip


def facts_json(facts: MatchFacts) -> dict[str, str]:
    """Those that are known, as texts."""
    stated = {name: getattr(facts, name) for name in _TEXTS}
    stated |= {"quality": facts.quality, "claim": facts.claim, "copies": "\n".join(facts.copies)}
    stated |= {"watermark": "seen" * facts.shows_watermark, "negative": "seen" * facts.is_negative}
    stated |= {"sense": facts.sense, "by": facts.measure}
    for name in ("reference_in", "reference_out"):
        seconds = getattr(facts, name)
        stated[name] = "" if seconds is None else f"{seconds:.3f}"
    for name in ("speed", "pitch"):
        stated[name] = f"{getattr(facts, name):.4g}" if getattr(facts, name) != 1 else ""
    stated["line_up"] = facts.line_up if facts.line_up != LineUp.NO else ""
    known = {name: str(value) for name, value in stated.items() if value}
    return known | (_cut_json(facts.cut) if facts.cut else {})


def _cut_json(cut: CutFacts) -> dict[str, str]:
    stated = {"timeline": cut.timeline, "timeline_says": cut.says.value}
    return stated | {name: value for name, field in _CUT.items() if (value := getattr(cut, field)) not in ("", None)}


def read_facts(stated: Mapping[str, str]) -> MatchFacts:
    """What they state. A value that is none of its kind is left out, as are names that provscan does not know."""
    return MatchFacts(
        **{name: stated.get(name, "") for name in _TEXTS},
        quality=_word(Quality, stated.get("quality")),
        copies=tuple(stated.get("copies", "").splitlines()),
        claim=_read(Claim, stated.get("claim")),
        shows_watermark=stated.get("watermark") == "seen",
        is_negative=stated.get("negative") == "seen",
        sense=_word(Sense, stated.get("sense")),
        measure=_word(Measure, stated.get("by")),
        reference_in=_read(_finite, stated.get("reference_in")),
        reference_out=_read(_finite, stated.get("reference_out")),
        speed=_read(_finite, stated.get("speed")) or 1.0,
        pitch=_read(_finite, stated.get("pitch")) or 1.0,
        line_up=_word(LineUp, stated.get("line_up")) or LineUp.NO,
        cut=_read_cut(stated),
    )


def _read_cut(stated: Mapping[str, str]) -> CutFacts | None:
    says = _read(Says, stated.get("timeline_says"))
    if says is None or "timeline" not in stated:
        return None
    known: dict[str, Any] = {field: stated[name] for name, field in _CUT.items() if name in stated}
    return CutFacts(timeline=stated["timeline"], says=says, **known)


def _word(vocabulary: Callable[[str], T], text: str | None) -> T | None:
    return vocabulary(text) if text else None


def _read(kind: Callable[[str], T], text: str | None) -> T | None:
    try:
        return kind(text) if text else None
    except ValueError:
        return None


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def comparison_json(comparison: Comparison | None) -> dict[str, Any] | None:
    """What a comparison showed; of one that was not judged the reason alone."""
    if comparison is None:
        return None
    stated: dict[str, Any] = {"judged": comparison.judged, "reason": comparison.reason}
    if comparison.judged:
        if comparison.grade is not None:
            stated |= {"grade": comparison.grade, "relations": list(comparison.relations)}
        if comparison.area_percent is not None:
            stated["area_percent"] = comparison.area_percent
        stated["regions"] = [box_json(box) for box in comparison.regions]
    if comparison.graphics_percent:
        stated["graphics_percent"] = comparison.graphics_percent
    return stated if comparison.frame is None else {**stated, "frame": comparison.frame}


def read_comparison(stated: Mapping[str, Any] | None) -> Comparison | None:
    """The comparison again; None where there was none."""
    if not stated:
        return None
    regions, relations = stated.get("regions"), stated.get("relations")
    grade, reason, frame = stated.get("grade"), stated.get("reason"), stated.get("frame")
    return Comparison(
        judged=bool(stated.get("judged")),
        reason=reason if isinstance(reason, str) else "",
        grade=Grade(grade) if isinstance(grade, str) else None,
        relations=tuple(Relation(str(one)) for one in relations) if isinstance(relations, list) else (),
        area_percent=_number(stated.get("area_percent")),
        regions=tuple(filter(None, map(read_box, regions))) if isinstance(regions, list | tuple) else (),
        graphics_percent=_number(stated.get("graphics_percent")) or 0.0,
        frame=frame if isinstance(frame, int) else None,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and isfinite(value) else None
