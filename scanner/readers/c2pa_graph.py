"""The graph of manifests: which are reached from the active one, how, and what their content began as.

Rule: only ingredient links count. A manifest in the store that no other links to states nothing about this file. The
graph may be deep, wide or a ring: every walk is bounded.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from media.errors import TooLarge
from scanner.readers.c2pa_validation import UNCHECKED, Trust, table, tables

__all__ = [
    "MAX_DEPTH",
    "MAX_MANIFESTS",
    "Act",
    "Ancestry",
    "Maker",
    "Visit",
    "actions",
    "ingredients",
    "text",
    "visits",
]

MAX_DEPTH = 64
MAX_MANIFESTS = 500
MAX_INGREDIENTS = 5_000
MAX_ACTIONS = 20_000
"""Actions of one manifest that are read."""

_AI_BORN = ("trainedalgorithmicmedia", "trainedalgorithmicdata", "c2pa.trainedalgorithmicdata")
_AI_LABELS = ("com.adobe.generative-ai", "c2pa.ai_generated_content")
_NEXT: Mapping[str, Mapping[str, str]] = {
    "active": {"parentOf": "parent", "componentOf": "component", "inputTo": "input"},
    "parent": {"parentOf": "parent", "componentOf": "component", "inputTo": "input"},
    "component": {"parentOf": "component", "componentOf": "component", "inputTo": "input"},
    "input": {"parentOf": "input", "componentOf": "input", "inputTo": "input"},
}
_UNNAMED = {"active": "component", "parent": "component", "component": "component", "input": "input"}
"""A link of unknown kind counts as placed inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One manifest, and how it is reached from the active one."""

    label: str
    manifest: Mapping[str, Any]
    relation: str
    """`active`, `parent` (by an unbroken chain of parentOf), `component` or `input`."""
    depth: int
    component: str | None
    """Titles on the way, where it is not in the parent chain: `shot 12.mp4 › sky.png`."""
    standing: Trust
    """No better than that of the weakest manifest on the way."""
    own: Trust


@dataclass(frozen=True, slots=True)
class Maker:
    """Who did something: agent and signer, as far as they are stated."""

    agent: str | None
    signer: str | None

    def same(self, other: Maker) -> bool:
        """Whether this is one person's or program's work in one product."""
        return self.signer == other.signer and (self.agent == other.agent or None in (self.agent, other.agent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One action, with what its assertion's templates and agent list add to it."""

    where: str
    """`c2pa.actions.v2/actions[1]`."""
    action: str
    said: Mapping[str, Any]
    agent: str | None
    agent_version: str | None
    sources: tuple[tuple[str, str], ...]
    """(where in the action, source type): the plain one has an empty where."""


def text(value: object, limit: int = 300) -> str | None:
    """A string with content, or None."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    return str(value).strip("\0 \t\r\n")[:limit] or None


def visits(store: Mapping[str, Any], standing: Mapping[str, Trust]) -> Iterator[Visit]:
    """Yield the manifests about the file, the active one first, then the nearest. Raises `TooLarge` past the caps."""
    manifests = table(store.get("manifests"))
    active = str(store.get("active_manifest", ""))
    own = standing.get(active, UNCHECKED)
    first = table(manifests.get(active))
    waiting = deque(
        [Visit(label=active, manifest=first, relation="active", depth=0, component=None, standing=own, own=own)]
        if first
        else []
    )
    seen = {(active, "active"), (active, "parent")}
    while waiting:
        visit = waiting.popleft()
        yield visit
        for ingredient, relation, component in ingredients(visit):
            label = str(ingredient.get("active_manifest") or "")
            if not table(manifests.get(label)) or (label, relation) in seen:
                continue
            if len(seen) > MAX_MANIFESTS or visit.depth >= MAX_DEPTH:
                raise TooLarge(f"more than {MAX_MANIFESTS} C2PA manifests, or more than {MAX_DEPTH} deep")
            seen.add((label, relation))
            own = standing.get(label, UNCHECKED)
            waiting.append(
                Visit(
                    label=label,
                    manifest=table(manifests.get(label)),
                    relation=relation,
                    depth=visit.depth + 1,
                    component=component,
                    standing=own.under(visit.standing),
                    own=own,
                )
            )


def ingredients(visit: Visit) -> Iterator[tuple[Mapping[str, Any], str, str | None]]:
    """The ingredients of a manifest: each with its relation to the file, and its name in a report.

    The name is its title, with its label where two of one manifest share a title; None in the parent chain.
    """
    listed = list(tables(visit.manifest.get("ingredients")))
    if len(listed) > MAX_INGREDIENTS:
        raise TooLarge(f"more than {MAX_INGREDIENTS} ingredients in one C2PA manifest")
    titles = Counter(text(ingredient.get("title"), 120) for ingredient in listed)
    for ingredient in listed:
        relationship = _relationship(visit.manifest, ingredient, alone=len(listed) == 1)
        relation = _NEXT[visit.relation].get(relationship, _UNNAMED[visit.relation])
        if relation == "parent" or relationship == "parentOf":
            yield ingredient, relation, visit.component
            continue
        title, label = text(ingredient.get("title"), 120), text(ingredient.get("label"), 120) or "unnamed"
        name = label if title is None else title if titles[title] < 2 else f"{title} ({label})"
        yield ingredient, relation, f"{visit.component} › {name}"[-300:] if visit.component else name


def _relationship(manifest: Mapping[str, Any], ingredient: Mapping[str, Any], *, alone: bool) -> str:
    """The relationship of an ingredient to its manifest.

    A manifest without actions has placed nothing: its only component, if it has the manifest's own name, is the file
    before it was signed again (as in ChatGPT's of 2025).
    """
    said = str(ingredient.get("relationship"))
    if said != "componentOf" or not alone or next(actions(manifest), None) is not None:
        return said
    title = text(manifest.get("title"))
    return "parentOf" if title and title == text(ingredient.get("title")) else said


def actions(manifest: Mapping[str, Any]) -> Iterator[Act]:
    """The actions of a manifest, in order. `TooLarge` past `MAX_ACTIONS`."""
    count = 0
    for assertion in tables(manifest.get("assertions")):
        label, data = str(assertion.get("label")), table(assertion.get("data"))
        if not label.startswith("c2pa.actions"):
            continue
        agents = data.get("softwareAgents")
        templates = [entry for entry in tables(data.get("templates")) if entry.get("action")][:100]
        for number, said in enumerate(tables(data.get("actions"))):
            count += 1
            if count > MAX_ACTIONS:
                raise TooLarge(f"more than {MAX_ACTIONS} actions in one C2PA manifest")
            template = next((entry for entry in templates if entry["action"] in (said.get("action"), "*")), {})
            whole = {**template, **said}
            agent, version = _agent(whole, agents)
            yield Act(
                where=f"{label}/actions[{number}]",
                action=text(said.get("action"), 120) or "",
                said=whole,
                agent=agent,
                agent_version=version,
                sources=tuple(_sources(whole)),
            )


def _agent(said: Mapping[str, Any], agents: object) -> tuple[str | None, str | None]:
    agent, index = said.get("softwareAgent"), said.get("softwareAgentIndex")
    if agent is None and isinstance(agents, list) and isinstance(index, int) and 0 <= index < len(agents):
        agent = agents[index]
    if isinstance(agent, dict):
        return text(agent.get("name")), text(agent.get("version"))
    return text(agent), None


def _sources(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    plain = text(said.get("digitalSourceType"))
    if plain:
        yield "", plain
    for key, value in table(said.get("parameters")).items():
        found = text(value)
        if found and key.lower().endswith("digitalsourcetype"):
            yield f"parameters.{key}"[:200], found


class Ancestry:
    """What the contents of a store's manifests began as. Each manifest is read once."""

    def __init__(self, manifests: Mapping[str, Any]) -> None:
        self._manifests = manifests
        self._births: dict[str, Maker | bool] = {}

    def maker(self, label: str) -> Maker | None:
        """Who generated what a manifest's content began as; None where it did not begin as AI.

        Follows parentOf to the end, and takes the deepest creation on the way back.
        """
        chain: list[str] = []
        while label and label not in chain and len(chain) <= MAX_DEPTH:
            chain.append(label)
            manifest = table(self._manifests.get(label))
            listed = list(tables(manifest.get("ingredients")))
            parents = (it for it in listed if _relationship(manifest, it, alone=len(listed) == 1) == "parentOf")
            label = str(next(parents, {}).get("active_manifest") or "")
        births = (self._birth(step) for step in reversed(chain))
        born = next((birth for birth in births if birth), False)
        return born if isinstance(born, Maker) else None

    def _birth(self, label: str) -> Maker | bool:
        """Its AI maker; True where it was created otherwise; False where it was not created here."""
        if label not in self._births:
            manifest = table(self._manifests.get(label))
            signer = text(table(manifest.get("signature_info")).get("common_name"))
            birth: Maker | bool = False
            for act in actions(manifest):
                if act.action in ("c2pa.created", "c2pa.opened") and _ai_born(act, manifest):
                    birth = Maker(act.agent, signer)
                    break
                birth = birth or act.action == "c2pa.created"
            self._births[label] = birth
        return self._births[label]


def _ai_born(act: Act, manifest: Mapping[str, Any]) -> bool:
    if any(source.rstrip("/").rsplit("/", 1)[-1].lower() in _AI_BORN for _, source in act.sources):
        return True
    labels = (str(assertion.get("label")) for assertion in tables(manifest.get("assertions")))
    return act.action == "c2pa.created" and not act.sources and any(label.startswith(_AI_LABELS) for label in labels)
