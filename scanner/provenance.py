"""What a run is made with, from its configuration, and read back from the `summary.json` that it left."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from fingerprints.marks import ocr
from media import ffmpeg
from media.errors import ConfigError
from scanner import __version__
from scanner.config import Config
from scanner.discover.discover import Patterns
from scanner.discover.roots import distinct_roots, holds_files, refuse_delivery
from scanner.doctor import versions
from scanner.judge.conclude import Judgement
from scanner.judge.policy import Policy, builtin_policies
from scanner.recognise.present import states_of
from scanner.records.agreement import declared_of, read_summary
from scanner.records.record_json import typed
from scanner.records.records import read_records
from scanner.records.summary import Provenance, Seal
from scanner.settings import Origins

__all__ = ["empty_sources", "lies_in_its_delivery", "marks_not_looked_for", "provenance_of", "refuse_own_delivery",
           "rejudged", "stored_judging", "stored_provenance", "stored_seal", "unmatched_patterns", "with_not_read",
           "with_warnings"]  # fmt: skip


_ELSEWHERE = {"given": "settings_given", "not_read": "settings_not_read"}
_STORED = {field.name: _ELSEWHERE.get(field.name, field.name) for field in fields(Provenance)}
"""The fields of a provenance, and their keys in `summary.json`."""
_JUDGING = ("genre", "use", "territory", "judged for delivery on")
_JUDGED_BY = (
    "policy", "genre", "use", "territory", "delivery_date", "register", "waivers", "rules", "library", "fail_on"
)  # fmt: skip
"""The settings that judging reads; all others are those of the scan."""
_FIRST = 32
"""Records that are enough to know the delivery by."""
_NOT_GIVEN_VALUE = "not given"
_FORMERLY = (
    "not told",
    "What the programme is was not told (--genre): rules for documentary and news were asked too.",
    "What the delivery is for was not told (--use): licences were not held against it.",
)
"""How earlier versions put the same into a summary that may be judged again."""
_NOT_GIVEN = {
    "register": "No register of AI uses was given (--register): nothing counts as approved.",
    "waivers": "No waivers were given (--waivers): nothing counts as accepted.",
    "genre": "No genre was given (--genre), so documentary and news rules were applied too.",
    "use": "No intended use was given (--use), so licences were not checked for it.",
}


_NOT_SOUGHT = "Judged again with current library data: references added after the scan were not searched for."


def provenance_of(
    config: Config, judgement: Judgement, roots: Sequence[str], *, origins: Origins | None = None
) -> Provenance:
    """What another run needs to give the same result."""
    origins = origins or Origins()
    settings = {
        "digest": config.digest,
        "verify_limit": str(config.verify_limit),
        "fail_on": config.fail_on,
        "executor": config.executor,
        "matching": config.matching,
    }
    settings.update((f"trust anchors {Path(path).name}", f"sha256:{_digest(path)}") for path in config.trust_anchors)
    settings.update((f"categories {glob}", category) for glob, category in config.categories)
    settings.update((f"left out {glob}", f"by exclude ({origins.named('exclude')})") for glob in config.exclude)
    settings.update((f"only {glob}", f"by include ({origins.named('include')})") for glob in config.include)
    told = (config.genre, ", ".join(config.use), ", ".join(config.territory), str(judgement.setting.day))
    settings.update((name, said or _NOT_GIVEN_VALUE) for name, said in zip(_JUDGING, told, strict=True))
    rules, policy = judgement.engine.rules, judgement.policy
    return Provenance(
        tool=f"provscan {__version__}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        roots=tuple(roots),
        policy={
            "name": policy.name,
            "title": policy.title,
            "source": policy.source,
            "digest": policy.digest,
            "chosen": "yes" if config.policy else "no",
        },
        policies=tuple(_about(part, judgement.setting.day) for part in policy.parts or (policy,)),
        rules={"count": str(len(rules.rules)), "digest": rules.digest, "engine": judgement.engine.digest},
        versions=versions(),
        settings=settings,
        library=states_of(config.library) if config.matching == "on" else None,
        given=origins.given(config),
        not_read=tuple(one.place for one in origins.not_read),
        not_checked=(
            *_not_checked(config, origins),
            *_not_given(config),
            *_not_read(one.place for one in origins.not_read),
        ),
    )


def _about(policy: Policy, day: date | None) -> dict[str, str]:
    """One of the policies that judge: whose text it is, of which day, and a warning where that is long ago."""
    said = {"name": policy.name, "title": policy.title, "source": policy.source, "digest": policy.digest}
    said.update((key, str(when)) for key, when in (("dated", policy.dated), ("read", policy.read)) if when)
    if policy.is_old(day):
        when = f"dated {policy.dated}, more than twelve months ago"
        said["warning"] = (
            f"The text of policy {policy.name} is {when}: check with the commissioner whether a newer one applies."
        )
    return said


def _not_checked(config: Config, origins: Origins) -> list[str]:
    """What a person could think was looked for, and was not."""
    said = [
        *_not_compared(config, origins),
        "Certificates were not checked for revocation, because nothing is fetched from a network.",
    ]
    if config.executor == "dask" and config.scheduler and not config.scheduler.startswith(("tls://", "wss://")):
        said.append(
            "The cluster was reached without TLS, so its scheduler was not authenticated"
            f" (scheduler: {origins.named('scheduler')})."
        )
    if not ffmpeg.is_here():
        said.append(
            "No ffmpeg program was found: frames and sound of programmes, and DPX, OpenEXR, Radiance and JPEG XL"
            f" pictures, were not decoded and not compared. To get it: {ffmpeg.HOW_TO_GET}."
        )
    if not config.trust_anchors:
        said.append("No trust anchors were given: no signer of Content Credentials counts as verified.")
    said += marks_not_looked_for(config)
    if not config.watermarks:
        said.append("Pixels were not searched for open watermarks (--watermarks); stealth text in alpha was.")
    if by := [f"{name} ({origins.named(name)})" for name in ("include", "exclude") if getattr(config, name)]:
        said.append(f"Some files were excluded by {' and '.join(by)}; they are not counted in this report.")
    return said


def marks_not_looked_for(config: Config) -> Iterator[str]:
    """Where visible marks were not looked for, and why."""
    marks = "Visible marks (generators' labels and logos, preview marks, placeholder text)"
    if config.marks == "off":
        yield f"{marks} were not looked for (--marks)."
    elif not ocr.is_here():
        yield f"{marks} were not looked for: text recognition is not installed. To get it: {ocr.HOW_TO_GET}."
    elif config.marks != "all":
        where = "artwork, promos and graphics" if config.marks == "artwork" else "finals and what is made for them"
        yield f"{marks} were looked for in {where} only (--marks)."


def _not_compared(config: Config, origins: Origins) -> Iterator[str]:
    """What pictures and sounds were not compared with."""
    if config.matching == "off":
        yield "Pictures and sounds were not compared with any reference: only metadata was read."
        return
    yield (
        "Documents (PDF, PostScript and EPS, office files) and vector drawings without a picture in them (SVG) were not"
        " compared with any reference: only their metadata was read."
    )
    if not config.library:
        yield (
            "No reference library was given (--library): finals were compared with the delivery's own temporary and"
            " AI-made material only, not with archival, copyrighted or talent references."
        )
    if config.fps:
        source = origins.named("fps")
        yield f"Programmes were compared at {config.fps} frames a second only, without their sound (fps: {source})."
    elif config.frames == "key":
        yield (f"Only key frames of programmes were compared, without their sound (frames: {origins.named('frames')}).")


def _not_read(places: Iterable[str]) -> Iterator[str]:
    for place in places:
        yield (
            f"The settings in {place} were not read: the file is in or above the delivery, and a delivery must not"
            " configure its own scan. If the file is yours, name it with --config."
        )


def with_not_read(made: Provenance, places: Iterable[str]) -> Provenance:
    """The same provenance, with settings files that the walk came upon."""
    more = [place for place in places if place not in made.not_read]
    return replace(made, not_read=(*made.not_read, *more), not_checked=(*made.not_checked, *_not_read(more)))


def _not_given(config: Config) -> Iterator[str]:
    """What judging was done without."""
    for name, sentence in _NOT_GIVEN.items():
        if not getattr(config, name):
            yield sentence


def stored_judging(records: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings by which stored records are judged again, and those that are not read, because the records are
    inside the delivery that they describe and a delivery must not configure its own judging. One of both is empty."""
    before = _judged_by(stored_provenance(records))
    return ({}, before) if before and lies_in_its_delivery(records) else (before, {})


def _judged_by(made: Provenance) -> dict[str, Any]:
    """The settings that a stored run was judged by, to judge it again, without its day, which is past, and without a
    policy from a file, of which only the name is known."""
    said = {name: str(made.settings.get(name, _NOT_GIVEN_VALUE)) for name in ("genre", "use", "territory")}
    told: dict[str, Any] = {name: word for name, word in said.items() if word not in (_NOT_GIVEN_VALUE, *_FORMERLY)}
    several: dict[str, Any] = {name: tuple(told[name].split(", ")) for name in ("use", "territory") if name in told}
    names = tuple(made.policy.get("name", "").split(" + ")) if made.policy.get("chosen") != "no" else ()
    return {**told, **several, **({"policy": names} if names and set(names) <= set(builtin_policies()) else {})}


def lies_in_its_delivery(records: Path, path: Path | None = None) -> bool:
    """Whether a path, by default that of stored records, is inside the delivery that the records describe: one of the
    first assets is found from a folder above, with its size. False where they cannot be read: the judging then reports
    why."""
    path = path or records
    starts = (path.absolute().parent, path.resolve().parent)
    folders = {folder for start in starts for folder in (start, *start.parents)}
    try:
        assets = [record.examination.asset for record in islice(read_records(records), _FIRST)]
    except ConfigError:
        return False
    return any(asset.size and _size(folder / asset.path) == asset.size for asset in assets for folder in folders)


def refuse_own_delivery(flag: str, target: Path, records: Path) -> None:
    """Raise `ConfigError` where a document would be written into the delivery that stored records describe."""
    if lies_in_its_delivery(records, target):
        raise ConfigError(
            f"{flag} {target} is inside the delivery that {records} describes, and nothing is written beside media;"
            " name a file outside the delivery"
        )
    refuse_delivery(flag, target)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return None


def rejudged(before: Provenance, now: Provenance) -> Provenance:
    """What a stored run was examined with, and what it is judged by now."""
    settings = {**before.settings, **{key: now.settings[key] for key in ("fail_on", *_JUDGING) if key in now.settings}}
    kept = tuple(said for said in before.not_checked if said not in (*_NOT_GIVEN.values(), *_FORMERLY))
    without = [said for said in now.not_checked if said in _NOT_GIVEN.values()]
    if now.library and _NOT_SOUGHT not in kept:
        without.append(_NOT_SOUGHT)
    return replace(
        before,
        signed={},
        policy=now.policy,
        policies=now.policies,
        rules=now.rules,
        library=now.library or before.library,
        settings=settings,
        given=(
            *(one for one in before.given if one.get("name") not in _JUDGED_BY),
            *(one for one in now.given if one["name"] in _JUDGED_BY),
        ),
        not_read=tuple(dict.fromkeys((*before.not_read, *now.not_read))),
        not_checked=tuple(dict.fromkeys((*kept, *without, *_not_read(now.not_read)))),
    )


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"trust anchors {path}: {error.strerror or error}; name a readable PEM file") from error


def stored_provenance(records: Path) -> Provenance:
    """What `summary.json` beside the records states about their run; little where it is missing."""
    data = read_summary(records)
    if data is None:
        return Provenance(
            tool=f"provscan {__version__}",
            started="unknown",
            roots=(),
            policy={},
            rules={},
            versions={},
            not_checked=("summary.json is missing beside the records: what was not checked is not known.",),
        )
    try:
        return typed({name: data[key] for name, key in _STORED.items() if key in data}, Provenance)
    except ValueError as error:
        raise ConfigError(f"{records.with_name('summary.json')}: not a summary ({error})") from error


def empty_sources(config: Config) -> Iterator[str]:
    """Warnings for folders of references that hold none, and so recognise nothing: a volume may not be mounted."""
    for root in distinct_roots([Path(path) for path in config.sources]):
        if not holds_files(root):
            yield f"The sources folder {root.name} contains no files: nothing was compared with it."


def with_warnings(made: Provenance, more: Iterable[str]) -> Provenance:
    """The same provenance, with warnings that its reports do not have yet."""
    return replace(made, warnings=tuple(dict.fromkeys((*made.warnings, *more))))


def unmatched_patterns(patterns: Patterns, origins: Origins) -> Iterator[str]:
    """Sentences about patterns that matched nothing, for the head of the reports."""
    for setting, pattern in patterns.unmatched():
        origin = origins.named({"category": "categories"}.get(setting, setting))
        yield f"The {setting} pattern {pattern!r} ({origin}) matches nothing that was found: it has no effect."


def stored_seal(records: Path) -> Seal | None:
    """The seal of a run's records in its summary; None where it has none."""
    summary = read_summary(records)
    seal = declared_of(summary) if summary is not None else None
    return seal if seal is not None and seal.sha256 else None
