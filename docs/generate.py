"""Writes the generated pages: the schema of records, rules, readers, formats, commands, policies. A test checks that they are fresh."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from docs.marks_page import marks_page
from docs.schema_pages import record_schema
from fixtures.carriers import CARRIERS
from fixtures.carriers.sayable import examples
from media.identify import KINDS, Kind
from scanner.cli import provscan
from scanner.doctor import formats
from scanner.exit_codes import ExitCode
from scanner.judge.policy import builtin_policies, load_policy
from scanner.judge.rules import load_rules
from scanner.readers import READERS, Reader, readers_of

HERE = Path(__file__).parent
HEAD = "<!-- Made by `make docs`; do not edit. -->\n"


def pages() -> Mapping[str, str]:
    """File name → text of every generated page."""
    return {
        "commands.md": _commands(),
        "decisions.md": _decisions(),
        "exit-codes.md": _exit_codes(),
        "markers-in-carriers.md": _markers_in_carriers(),
        "marks.md": marks_page(HEAD),
        "policies.md": _policies(),
        "readers.md": _readers(),
        "rules.md": _rules(),
        "schemas/record-2.schema.json": record_schema(),
    }


def _commands() -> str:
    text = [HEAD, "# Commands\n"]
    for path, command in walk(provscan, ("provscan",)):
        context = click.Context(command, info_name=" ".join(path), max_content_width=100)
        text.append(f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(text)


def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, each with its words."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            inner = command.get_command(context, name)
            assert inner is not None  # noqa: S101 - it was listed
            yield from walk(inner, (*path, name))


_MEANING = {
    ExitCode.OK: "Nothing at or above `--fail-on`.",
    ExitCode.FOUND: "Something at or above `--fail-on`. Outranks 3; both counts are in the summary.",
    ExitCode.USAGE: "The command line was not understood.",
    ExitCode.INCOMPLETE: "Some files could not be judged, or a scanned root contains no files: a volume that is not mounted passes no gate. `--fail-on never` only reports: it gives neither 1 nor 3. Where stored records are not those that their `summary.json` declares there is no verdict: 3, whatever else was found.",
    ExitCode.SETUP: "Configuration, rules, policy or a needed tool is not right, or the machine lacks something, such as room on a disk. The message says which and where, and what to do.",
    ExitCode.INTERNAL: "An internal error of provscan: no verdict was given. The message says where its log is and what was kept.",
    ExitCode.INTERRUPTED: "Interrupted by Ctrl-C, SIGTERM or SIGHUP. What was done is kept, unless `--no-cache` was given: the same command goes on from there.",
}


def _exit_codes() -> str:
    rows = "\n".join(f"| {int(code)} | {_MEANING[code]} |" for code in ExitCode)
    return f"{HEAD}\n# Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\n"


def _decisions() -> str:
    lines: list[dict[str, str]] = []
    for path in sorted((HERE.parent / "tests" / "decisions").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as table:
            lines.extend(csv.DictReader(table))
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for line in lines:
        groups.setdefault((line["kind"], line["policy"], line["genre"]), []).append(line)
    kinds = len({line["kind"] for line in lines})
    text = [HEAD, "# Worked decisions\n"]
    text.append(
        f"{len(lines)} cases of {kinds} kinds, as a commissioner would decide them. `make test` decides each again, those of"
        " pictures by a scan of real files. A row of the register is complete where nothing else is stated: it names tool,"
        " vendor, an enterprise plan, no training, no inputs; the contact was informed before, and the commissioner's legal"
        " department approved the use for the final before anything was generated.\n"
    )
    for (kind, policy, genre), cases in groups.items():
        text.append(f"## {kind[:1].upper()}{kind[1:]}\n\n`{policy}`{', ' + genre if genre else ''}\n")
        text.append("| where | the file states | the register states | decision | why |\n|---|---|---|---|---|")
        for case in cases:
            cells = [case[name].replace("|", "·") for name in ("folder", "marker", "register", "expected", "why")]
            text.append(f"| {' | '.join(cells)} |")
        text.append("")
    return "\n".join(text)


def _policies() -> str:
    text = [HEAD, "# Policies\n"]
    for name in builtin_policies():
        policy = load_policy(name)
        days = "".join(f"; {word} {day}" for word, day in (("text of", policy.dated), ("read", policy.read)) if day)
        text.append(f"## {policy.title}\n\n`--policy {name}`. Source: {policy.source}{days}\n")
        text.append("| rule | when | where | outcome | actions | what it says | what would make it pass |")
        text.append("|---|---|---|---|---|---|---|")
        for rule in policy.rules:
            when = ", ".join(rule.when)
            where = ", ".join(rule.categories) or "anywhere"
            actions = ", ".join(rule.actions)
            cells = (f"`{rule.id}`", when, where, rule.outcome, actions, rule.text, rule.remedy)
            text.append(f"| {' | '.join(cells)} |")
        text.append("")
    return "\n".join(text)


def _readers() -> str:
    text = [HEAD, "# Readers and formats\n", "| reader | version | what it reads |", "|---|---|---|"]
    text += [f"| [`{reader.name}`](#{reader.name}) | {reader.version} | {_doc(reader)[0]} |" for reader in READERS]
    text += ["", "## Formats", "", "| media type | kind | readers that look |", "|---|---|---|"]
    looked = formats()
    for media_type, kind in KINDS.items():
        readers = ", ".join(looked.get(media_type, ()))
        if kind is Kind.INERT:
            readers = "none: it cannot hold a statement"
        elif not readers_of(media_type):
            readers = f"{readers or 'none'}: not inspected, never passed"
        text.append(f"| {media_type} | {kind} | {readers} |")
    text += ["", "## Each reader"]
    for reader in READERS:
        homes = sorted({carrier.suffix for carrier in CARRIERS if carrier.reader == reader.name})
        keys = dict.fromkeys(carrier.keys[0] for carrier in CARRIERS if carrier.reader == reader.name)
        text += ["", f"### {reader.name}", "", *_doc(reader), ""]
        text.append(f"Reads: {', '.join(sorted(reader.media_types)) or 'sidecars alone'}.")
        if reader.sidecar_suffix:
            text.append(f"Sidecars: `{reader.sidecar_suffix}` beside a file of any format.")
        if reader.costly:
            text.append("It decodes pixels: only the categories that the settings name are searched.")
        text.append(f"Tested with files of the kinds {', '.join(homes)}; keys such as {_quoted(list(keys)[:8])}.")
    return "\n".join(text) + "\n"


def _doc(reader: Reader) -> list[str]:
    """The first sentence of its class, and the rest, a paragraph a line."""
    paragraphs = inspect.cleandoc(type(reader).__doc__ or "").split("\n\n")
    return [line for one in paragraphs for line in (" ".join(one.split("\n")), "")][:-1]


def _quoted(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _rules() -> str:
    loaded = load_rules().rules
    text = [
        HEAD,
        "# Marker rules\n",
        f"{len(loaded)} rules. `provscan rules show ID` prints one whole, with its hits and misses.\n",
    ]
    text += ["| rule | claim | strength | what it is | known from | date |", "|---|---|---|---|---|---|"]
    for rule in sorted(loaded, key=lambda rule: rule.id):
        source = f"{rule.source} ({rule.seen})".replace("|", "\\|")
        text.append(
            f"| `{rule.id}` | {rule.claim} | {rule.strength} | {rule.title.replace('|', chr(92) + '|')} | {source} | {rule.date} |"
        )
    return "\n".join(text) + "\n"


_RESAVES = (
    (
        "PNG text, deflated or as iTXt, before or behind the pixels",
        "png-text png-ztxt png-itxt png-itxt-deflated png-text-after-idat",
    ),
    (
        "PNG text turned into EXIF, XMP or a raw profile",
        "png-exif png-xmp-itxt png-xmp-text png-raw-profile-exif png-raw-profile-xmp",
    ),
    ("JPEG EXIF, both byte orders", "jpeg-exif-big-endian jpeg-exif-little-endian"),
    (
        "JPEG UserComment, however it is coded",
        "jpeg-comment-utf16le jpeg-comment-ascii jpeg-comment-bare jpeg-comment-in-ifd0",
    ),
    (
        "WebP, lossy, lossless and animated",
        "webp-exif webp-exif-prefixed webp-xmp webp-lossless-exif webp-animated-exif",
    ),
    ("GIF and JPEG 2000", "gif-comment gif-xmp jp2-xmp"),
    ("the movie of a motion photo", "jpeg-motion-photo jpeg-motion-photo-xmp"),
    ("MP4 and MOV text: items, free-form items, international text", "mp4-items mov-items mp4-free-form mov-user-data"),
    ("ID3v2.4 and 2.3, in MP3, WAV and AIFF", "mp3-id3 mp3-id3-2.3 wav-id3 aiff-text"),
    ("HEIF and AVIF", "heif-exif heif-xmp avif-exif avif-xmp"),
    ("MP4 and MOV with moov at the end, and at the start", "mp4-keys mp4-keys-faststart mov-keys"),
    (
        "WAV with chunks before and behind the sound, and RF64",
        "wav-info wav-info-after-data wav-label rf64-info rf64-label",
    ),
)


def _markers_in_carriers() -> str:
    rules = load_rules().rules
    laid = {carrier.name: sorted({rule.id for rule, _ in examples(carrier, rules)}) for carrier in CARRIERS}
    text = [HEAD, "# Markers in carriers\n"]
    text.append(
        "Every rule's example, laid into real files of each format that has a field for it, is found again there by"
    )
    text.append("`tests/fixtures/test_rules_in_carriers.py`, which takes its cases from the same list as this page.\n")
    text += [
        "## Re-saves that keep a marker\n",
        "| re-save | carriers, and how many rules were found again in each |",
        "|---|---|",
    ]
    for what, names in _RESAVES:
        text.append(f"| {what} | {', '.join(f'`{name}` {len(laid[name])}' for name in names.split())} |")
    text += ["", "## By rule\n", "| rule | found again in |", "|---|---|"]
    for rule in sorted(rules, key=lambda rule: rule.id):
        found = [f"`{name}`" for name, ids in laid.items() if rule.id in ids]
        text.append(
            f"| `{rule.id}` | {', '.join(found) or 'not laid: it rests on facts of a whole file; see the tests of its reader'} |"
        )
    text += ["", "## By carrier\n", "| carrier | file | reader | rules found again |", "|---|---|---|---|"]
    for carrier in CARRIERS:
        text.append(f"| `{carrier.name}` | {carrier.suffix} | `{carrier.reader}` | {len(laid[carrier.name])} |")
    return "\n".join(text) + "\n"


def write() -> None:
    """Write every page that is not fresh."""
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            print(f"docs/{name}")


if __name__ == "__main__":
    write()
