"""How far a manifest can be believed: validation codes → trust and integrity, one manifest at a time.

Rule: codes decide, never `validation_state`, which does not distinguish a changed file from an expired certificate, and
reports "Trusted" over an ingredient that was tampered with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["UNCHECKED", "Trust", "kind_of", "standings", "table", "tables"]

MAX_CODES = 50_000
"""Status codes of one manifest store that are read."""

_LABEL = re.compile(r"/c2pa/([^/]+)")
_BINDING = re.compile(r"assertion\.(?!hashedURI)\w+Hash\.match")
_TAMPER = re.compile(
    r"(?!timeStamp\.|cawg\.).*\.mismatch|claimSignature\.(missing|mismatch)|claim\.(missing|multiple|hardBindings\.missing)"
    r"|assertion\.(missing|inaccessible|undeclared)|ingredient\.manifest\.(missing|mismatch)|hashedURI\.mismatch"
)
_SIGNER = re.compile(r"signingCredential\..*|timeStamp\..*|claimSignature\.outsideValidity")
_IDENTITY = re.compile(r"cawg\..*")
_TRUSTED = "signingCredential.trusted"
_UNTRUSTED = (
    (re.compile(r"signingCredential\.(ocsp\.)?revoked|signingCredential\.invalid"), "invalid"),
    (re.compile(r"signingCredential\.expired|claimSignature\.outsideValidity"), "expired"),
    (re.compile(r"signingCredential\.untrusted"), "untrusted"),
)


def table(value: object) -> Mapping[str, Any]:
    """The value where it is a JSON object, else an empty one: manifests are written by strangers."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON list; none where it is not a list."""
    return (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else iter(())


def kind_of(code: str) -> str:
    """The subject of a failure: `tamper`, `signer`, `identity` (CAWG; no statement about the picture) or `other`."""
    if _TAMPER.fullmatch(code):
        return "tamper"
    if _SIGNER.fullmatch(code):
        return "signer"
    return "identity" if _IDENTITY.fullmatch(code) else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far one manifest can be believed."""

    trust: str
    """`trusted` `untrusted` `expired` `invalid` (revoked, or no certificate for this) `unchecked`."""
    integrity: str
    """`verified` `mismatch` `unchecked`."""
    failures: tuple[str, ...] = ()
    """The codes of what failed."""

    def under(self, above: Trust) -> Trust:
        """The trust of the same manifest when it is reached through another: no better than the weakest on the way."""
        trust = self.trust if above.trust == "trusted" else above.trust
        both = (self.integrity, above.integrity)
        integrity = "mismatch" if "mismatch" in both else "verified" if set(both) == {"verified"} else "unchecked"
        return Trust(trust=trust, integrity=integrity, failures=self.failures)


UNCHECKED = Trust(trust="unchecked", integrity="unchecked")


@dataclass(slots=True)
class _Codes:
    """What was said of one manifest: by this reading, and by its users when they took it in."""

    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    passed_then: set[str] = field(default_factory=set)
    failed_then: set[str] = field(default_factory=set)


def standings(store: Mapping[str, Any], *, verified: bool) -> Mapping[str, Trust]:
    """The standing of every manifest of a store, by label. `verified`: this reading verified it in full."""
    codes: dict[str, _Codes] = {}
    active = str(store.get("active_manifest", ""))
    for count, (label, code, passed, now) in enumerate(_statuses(store, active)):
        if count >= MAX_CODES:
            break
        said = codes.setdefault(label, _Codes())
        if now and verified:
            (said.passed if passed else said.failed).add(code)
        elif not now:
            (said.passed_then if passed else said.failed_then).add(code)
    bound = any(_BINDING.fullmatch(code) for said in codes.values() for code in said.passed)
    return {label: _standing(said, verified=verified, bound=bound or label != active) for label, said in codes.items()}


def _statuses(store: Mapping[str, Any], active: str) -> Iterator[tuple[str, str, bool, bool]]:
    """(manifest label, code, passed, said now) of every status in a store."""
    for label, code, passed in _results(store.get("validation_results"), active):
        yield label, code, passed, True
    for label, manifest in table(store.get("manifests")).items():
        for ingredient in tables(table(manifest).get("ingredients")):
            target = str(ingredient.get("active_manifest") or label)
            for of, code, passed in _results(ingredient.get("validation_results"), target):
                yield of, code, passed, False
            for of, code in _read_codes(ingredient.get("validation_status"), target):
                if kind_of(code) != "other":  # old writers list successes here, too
                    yield of, code, False, False


def _results(results: object, default: str) -> Iterator[tuple[str, str, bool]]:
    groups = [table(results).get("activeManifest")]
    groups += [delta.get("validationDeltas") for delta in tables(table(results).get("ingredientDeltas"))]
    for group in groups:
        for outcome, passed in (("success", True), ("failure", False)):
            for label, code in _read_codes(table(group).get(outcome), default):
                yield label, code, passed


def _read_codes(statuses: object, default: str) -> Iterator[tuple[str, str]]:
    for status in tables(statuses):
        found = _LABEL.search(str(status.get("url", "")))
        yield found.group(1) if found else default, str(status.get("code", ""))[:120]


def _standing(said: _Codes, *, verified: bool, bound: bool) -> Trust:
    failures = sorted(said.failed | {code for code in said.failed_then if kind_of(code) == "tamper"})
    kinds = {kind_of(code) for code in failures}
    signed = "claimSignature.validated" in said.passed | said.passed_then
    integrity = "unchecked"
    if "tamper" in kinds:
        integrity = "mismatch"
    elif verified and signed and bound and "other" not in kinds:
        integrity = "verified"
    return Trust(trust=_trust(said) if verified else "unchecked", integrity=integrity, failures=tuple(failures))


def _trust(said: _Codes) -> str:
    """What this reading says outweighs what was written down then: it only repeats what has changed."""
    for passed, failed in ((said.passed, said.failed), (said.passed_then, said.failed_then)):
        for pattern, word in _UNTRUSTED:
            if _any(pattern, failed) and not (word == "untrusted" and _TRUSTED in passed):
                return word
        if _TRUSTED in passed:
            return "trusted"
    return "unchecked"


def _any(pattern: re.Pattern[str], codes: Iterable[str]) -> bool:
    return any(pattern.fullmatch(code) for code in codes)
