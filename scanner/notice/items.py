"""What a production sends to its contact: one item for each cause or planned use, from judged records and a register.

The rules are those of the judging: an item is the demand of the reasons, at all its places. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scanner.clock import clock, places
from scanner.judge.causes import Cause, cause_of_finding, cause_of_match
from scanner.judge.policy import Policy, Register, Setting, hits_of
from scanner.judge.policy.triage import ASKING, Level, Planned, lacking, rules_by_id
from scanner.judge.register.cells import Defect
from scanner.judge.register.row import Row
from scanner.match_ids import match_id
from scanner.model import Action, Category, Examination, Outcome, Place, Record
from scanner.reports.pictures.pictures import pair_name, picture_name

__all__ = ["AiUse", "Occurrence", "Why", "items_of", "items_of_plan"]

_CORE = ("use_case", "tool", "licence_tier", "trains_on_inputs", "inputs_used")
"""What a contact has to know of any use."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where the use is seen or heard."""

    path: str
    times: str
    """`01:00:28:10–01:00:30:00`; empty where it is the whole file."""


@dataclass(frozen=True, slots=True)
class Why:
    """A rule with a demand, and who makes it."""

    rule: str
    text: str
    remedy: str
    policy: str


@dataclass(slots=True, kw_only=True)
class AiUse:
    """One use, wherever it is."""

    name: str
    is_planned: bool = False
    made: str = ""
    """What it was made with, as the material itself states."""
    actions: dict[Action, None] = field(default_factory=dict)
    places: dict[Occurrence, None] = field(default_factory=dict)
    whys: dict[Why, None] = field(default_factory=dict)
    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Column → what is wrong with it."""
    categories: dict[Category, None] = field(default_factory=dict)
    pictures: dict[str, None] = field(default_factory=dict)
    """Names in the folder `pictures` beside the records, where they were drawn."""

    def cell(self, column: str) -> str:
        """A column's value from the first of its rows that fills it in."""
        return next((text for row in self.rows.values() if (text := row.cells.get(column, "").strip())), "")


def items_of(
    records: Callable[[], Iterable[Record]], policy: Policy, register: Register, faults: Iterable[Defect] = ()
) -> list[AiUse]:
    """The items of what was found and needs a person, in the order of the records, without what is approved or
    accepted."""
    known = rules_by_id(policy)
    wrong = _by_row(faults)
    found: dict[str, AiUse] = {}
    for record in records():
        hits: dict[str, tuple[Cause, str, str, str]] | None = None
        rows: Mapping[str, list[Row]] = {}
        for reason in record.verdict.reasons:
            rule = known.get(reason.rule)
            actions = [it for it in (*ASKING, Action.INFORM) if rule is not None and it in rule.actions]
            accepted = bool(reason.waiver) and reason.outcome is Outcome.FYI
            if not actions or rule is None or reason.outcome is Outcome.PASS or accepted:
                continue
            if hits is None:
                hits, rows = _hits(record), _rows_of(record, register)
            seen = record.examination
            for name in reason.because or ("",):
                cause, times, made, picture = hits.get(name) or _whole(record)
                item = found.setdefault(cause.key, AiUse(name=cause.name))
                item.made = item.made or made
                item.actions.update(dict.fromkeys(actions))
                item.places[Occurrence(f"{seen.asset.root}/{seen.asset.path}", times)] = None
                item.whys[Why(rule.id, rule.text, rule.remedy, " + ".join(reason.asked_by) or policy.name)] = None
                item.pictures[picture] = None
                item.rows.update({row.key: row for row in rows.get(name, ())})
                item.categories[seen.asset.category] = None
    for item in found.values():
        _add_missing(item, policy, wrong)
    return list(found.values())


def items_of_plan(planned: Iterable[Planned]) -> Iterator[AiUse]:
    """The planned uses that need anything, in their order."""
    for one in planned:
        if one.level is Level.NOTHING:
            continue
        name = one.row.cells.get("description", "").strip() or one.row.cells.get("use_case", "").strip()
        yield AiUse(
            name=name or one.row.id,
            is_planned=True,
            actions=dict.fromkeys(one.actions or (Action.INFORM,)),
            whys={Why(ask.rule, ask.text, ask.remedy, ask.policy): None for ask in one.asks},
            rows={one.row.key: one.row},
            missing=dict(one.missing),
        )


def _by_row(faults: Iterable[Defect]) -> Mapping[tuple[str, int], list[Defect]]:
    found: dict[tuple[str, int], list[Defect]] = {}
    for fault in faults:
        found.setdefault((fault.file, fault.row), []).append(fault)
    return found


def _hits(record: Record) -> dict[str, tuple[Cause, str, str, str]]:
    """Id → its cause, its times, what it was made with, and the picture that shows it."""
    seen = record.examination
    said = {
        finding.id: (
            cause_of_finding(seen, finding), _times(seen, finding.at),
            " ".join(filter(None, (finding.tool, finding.model, finding.version))) or finding.vendor or "",
            picture_name(record),
        )
        for finding in record.findings
    }  # fmt: skip
    for match in record.matches:
        said[match_id(match)] = (cause_of_match(match), _times(seen, match.at), "", pair_name(record, match))
    return said


def _whole(record: Record) -> tuple[Cause, str, str, str]:
    seen = record.examination
    key = seen.digest.value if seen.digest else f"{seen.asset.root}/{seen.asset.path}"
    return Cause(key, seen.asset.path), "", "", picture_name(record)


def _times(seen: Examination, at: Place | None) -> str:
    if at and at.labels:
        return "–".join(at.labels)
    origin = clock(seen)
    spans = places(at, origin)
    if origin:
        return ", ".join(f"{origin + first}–{origin + after}" for first, after in spans)
    return ", ".join(
        f"frame {first}" if after == first + 1 else f"frames {first}–{after - 1}" for first, after in spans
    )


def _rows_of(record: Record, register: Register) -> Mapping[str, list[Row]]:
    """Id of a hit → the rows about it; rows about the file are under no id."""
    seen = record.examination
    rows = {"": [row for row in register.rows_by_name(seen) if not row.void]}
    for hit in hits_of(seen, record.findings, record.matches, Setting()):
        rows.setdefault(hit.id, [one.row for one in register.find_declarations(seen, hit).bound if not one.row.void])
    return rows


def _add_missing(item: AiUse, policy: Policy, wrong: Mapping[tuple[str, int], list[Defect]]) -> None:
    """What the rows lack; where there is none, what a contact has to know and nobody has entered."""
    policies = policy.parts or (policy,)
    if not item.rows:
        item.missing = {"register": "has no row for this use", **dict.fromkeys(_CORE, "is not entered")}
        if item.made:
            item.missing.pop("tool")
        return
    for row in item.rows.values():
        for category in item.categories:
            item.missing.update(lacking(row, wrong.get(row.key, ()), policies, category))
