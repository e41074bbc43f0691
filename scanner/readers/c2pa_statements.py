"""The statements of one file's manifests, as evidence: actions, assertions, ingredients, signers, failures.

Rule: word for word, each with the circumstances that its meaning depends on. No statement is dropped silently: past a
cap the reader raises `TooLarge`, which keeps the file from passing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from media.errors import TooLarge
from scanner.model import Evidence
from scanner.readers.c2pa_graph import Act, Ancestry, Maker, Visit, actions, ingredients, text, visits
from scanner.readers.c2pa_validation import kind_of, standings, table, tables

__all__ = ["MAX_STATEMENTS", "statements"]

MAX_STATEMENTS = 1_000
"""Statements of one manifest store that are kept."""

_NODES = 5_000
"""Values of one assertion that are searched for a source type."""

_GENERATOR = re.compile(r"(?P<name>.+?)(?:/(?P<version>[\w.+-]+))?(?:\s+\([^)]*\))?(?:\s+[\w.-]+/\S+)*\s*")
_NUMBERED = re.compile(r"__\d+$")
_STRUCTURE = ("c2pa.actions", "c2pa.hash.", "c2pa.thumbnail.", "c2pa.ingredient", "c2pa.certificate-status")
_MODEL_KEYS = ("model_name", "modelName", "model", "com.adobe.details", "com.adobe.modelId", "modelId", "systemVersion")

# C2PA conformance asset rubric, nonEditorial: steps that leave what is seen or heard as it is.
_IMPERCEPTIBLE = re.compile(
    r"c2pa\.(opened|converted|published|repackaged|transcoded|resized\.proportional|enhanced|edited\.metadata"
    r"|watermarked(\.(un)?bound)?|redacted)"
)
# Google says "edited" of the marks that it puts on what it made.
_GOOGLE_MARK = re.compile(r"(Applied|Added) (im)?(perceptible|visible)( SynthID)? watermark\.?", re.I)


def statements(
    store: Mapping[str, Any], *, verified: bool, source: str, sdk: str, media_type: str = ""
) -> Iterator[Evidence]:
    """Yield the statements of a manifest store (the SDK's JSON) about the file.

    `source` is where the store is (`embedded`, a sidecar's name); `verified`, whether it was verified in full;
    `media_type`, the type of the file: newer manifests do not repeat it.
    """
    origins = Ancestry(table(store.get("manifests")))
    count = 0
    for visit in visits(store, standings(store, verified=verified)):
        for evidence in _Manifest(visit, origins, source, sdk, media_type).statements():
            count += 1
            if count > MAX_STATEMENTS:
                raise TooLarge(f"more than {MAX_STATEMENTS} C2PA statements; the rest was not kept")
            yield evidence


_OF_THE_FILE = ("active", "parent")
"""Relations of a manifest about the file itself, now or before a step."""


class _Manifest:
    """One visited manifest, and what all of its statements have in common."""

    def __init__(self, visit: Visit, origins: Ancestry, source: str, sdk: str, media_type: str) -> None:
        self.visit = visit
        self.maker = origins.maker(visit.label)
        self.sdk = sdk
        self.home = "" if source == "embedded" else f"{source}: "
        signer = table(visit.manifest.get("signature_info"))
        self.signer_cn, self.signer_org = text(signer.get("common_name")), text(signer.get("issuer"))
        self.generator, self.generator_version = _generator(visit.manifest)
        self.acts = tuple(actions(visit.manifest))
        self.facts = {
            "generator": self.generator,
            "generator_version": self.generator_version,
            "signer_cn": self.signer_cn,
            "signer_org": self.signer_org,
            "trust": visit.standing.trust,
            "signer_trust": visit.own.trust,
            "integrity": visit.standing.integrity,
            "relation": visit.relation,
            "depth": str(visit.depth),
            "manifest": visit.label[:200],
            "component": visit.component,
            "origin": "ai" if self.maker else "other",
            "source": source,
            "format": text(visit.manifest.get("format")) or (media_type if visit.relation in _OF_THE_FILE else None),
        }

    def statements(self) -> Iterator[Evidence]:
        """Who made it, what failed, what was done, what else is asserted, what went in. Repeats are said once."""
        seen: set[tuple[object, ...]] = set()
        for part in (self._head, self._failures, self._actions, self._assertions, self._ingredients):
            for evidence in part():
                same = (evidence.key, evidence.value, *sorted(evidence.facts.items()))
                if same not in seen:
                    seen.add(same)
                    yield evidence

    def _say(self, key: str, value: str, where: str, **facts: str | None) -> Evidence:
        whole = {**self.facts, **facts}
        return Evidence(
            reader="c2pa",
            key=key,
            value=value,
            where=f"{self.home}manifests/{self.visit.label[:200]}/{where}",
            facts={name: fact for name, fact in whole.items() if fact},
        )

    def _head(self) -> Iterator[Evidence]:
        if self.generator:
            whole = " ".join(filter(None, (self.generator, self.generator_version)))
            said = text(self.visit.manifest.get("claim_generator")) or whole
            yield self._say("claim_generator", said, "claim_generator", sdk=self.sdk, actions=self._shape())
        named = ", ".join(filter(None, (self.signer_cn, self.signer_org)))
        if named:
            yield self._say("signer", named, "signature_info", actions=self._shape())

    def _shape(self) -> str:
        """The distinct actions of the manifest, for what hangs on whether it was created or edited."""
        return " ".join(dict.fromkeys(act.action for act in self.acts))[:300] or "none"

    def _failures(self) -> Iterator[Evidence]:
        for code in self.visit.own.failures:
            yield self._say("validation", code, "validation", kind=kind_of(code), scope=self.visit.relation)

    def _actions(self) -> Iterator[Evidence]:
        for act in self.acts:
            facts = self._circumstances(act)
            for via, value in act.sources:
                where = f"assertions/{act.where}" + (f"/{via}" if via else "")
                yield self._say("actions.digitalSourceType", value, where, **facts, via=via or None)
            if not act.sources and act.action:
                yield self._say("actions.action", act.action, f"assertions/{act.where}", **facts)
            for said in (act.said, table(act.said.get("parameters"))):
                description = text(said.get("description"), 2_000)
                if description:
                    where = f"assertions/{act.where}/description"
                    yield self._say("actions.description", description, where, **{**facts, "description": None})

    def _circumstances(self, act: Act) -> dict[str, str | None]:
        description = text(act.said.get("description"))
        marked = _IMPERCEPTIBLE.fullmatch(act.action) or _GOOGLE_MARK.fullmatch(description or "")
        hand = self.maker and self.maker.same(Maker(act.agent, self.signer_cn))
        return {
            "action": act.action or None,
            "description": description,
            "agent": act.agent,
            "agent_version": act.agent_version,
            "model": _model(table(act.said.get("parameters"))),
            "perceptible": "no" if marked else "yes",
            "hand": None if hand is None else "same" if hand else "other",
        }

    def _assertions(self) -> Iterator[Evidence]:
        for assertion in tables(self.visit.manifest.get("assertions")):
            label = text(assertion.get("label")) or ""
            if not label or label.startswith(_STRUCTURE):
                continue
            data, where = table(assertion.get("data")), f"assertions/{label}"
            yield self._say(
                "assertion",
                _NUMBERED.sub("", label),
                where,
                alg=text(data.get("alg")) or text(data.get("algorithm")),
                agent=text(data.get("description")) if label.startswith("com.adobe.generative-ai") else None,
                model=_model(data),
                actions=self._shape(),
            )
            for path, value in _source_types(data):
                yield self._say("metadata.digitalSourceType", value, f"{where}/{path}", assertion=label)

    def _ingredients(self) -> Iterator[Evidence]:
        for ingredient, relation, component in ingredients(self.visit):
            where = f"ingredients/{text(ingredient.get('label')) or 'unnamed'}"
            facts = {
                "relationship": text(ingredient.get("relationship")),
                "relation": relation,
                "component": component,
                "ingredient_manifest": text(ingredient.get("active_manifest")),
            }
            yield self._say("ingredient", text(ingredient.get("title")) or "untitled", where, **facts)
            declared = text(ingredient.get("digitalSourceType")) or text(ingredient.get("digital_source_type"))
            if declared:
                yield self._say("ingredient.digitalSourceType", declared, f"{where}/digitalSourceType", **facts)


def _generator(manifest: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The claim generator's name and version: structured where given, else out of a user-agent string."""
    for info in tables(manifest.get("claim_generator_info")):
        name = text(info.get("name"))
        if name:
            return name, text(info.get("version"))
    found = _GENERATOR.fullmatch(text(manifest.get("claim_generator")) or "")
    return (found["name"], found["version"]) if found else (None, None)


def _model(data: Mapping[str, Any]) -> str | None:
    return next((found for key in _MODEL_KEYS if (found := text(data.get(key), 120))), None)


def _source_types(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, value) of every source type in an assertion, however deep."""
    waiting: list[tuple[str, object]] = [("", data)]
    for path, value in islice(_nodes(waiting), _NODES):
        found = text(value)
        if found and re.search(r"digital_?source_?type(\[\d+\])?$", path, re.I):
            yield path, found


def _nodes(waiting: list[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            waiting.extend((f"{path}/{key}"[-300:].lstrip("/"), inner) for key, inner in islice(value.items(), _NODES))
        elif isinstance(value, list):
            waiting.extend((f"{path}[{number}]", inner) for number, inner in enumerate(value[:_NODES]))
