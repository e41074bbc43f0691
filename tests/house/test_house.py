"""The rules of the house: floors, doors, completeness, fresh pages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from docs.generate import pages, walk
from fixtures.carriers import CARRIERS
from media.identify import KINDS
from scanner.cli import provscan
from scanner.judge.policy import builtin_policies, load_policy, prove_policy
from scanner.judge.rules import load_rules, prove
from scanner.readers import READERS, Reader

ROOT = Path(__file__).parents[2]
SOURCES = sorted((*ROOT.glob("scanner/**/*.py"), *ROOT.glob("fingerprints/**/*.py"), *ROOT.glob("media/**/*.py")))

DOORS = {
    "c2pa": {"scanner/readers/c2pa.py"},
    "exifread": {"scanner/readers/exif.py"},
    "msgspec": {"scanner/examine/codec.py", "scanner/records/record_json.py", "scanner/records/record_types.py"},
    "pikepdf": {"media/pdf.py"},
    "olefile": {"media/containers/ole.py"},
    "fileseq": {"scanner/discover/sequences.py"},
    "faiss": {"fingerprints/index/descriptors.py"},
    "imagehash": {"fingerprints/prints/phash.py"},
    "aaf2": {"media/timelines/aaf.py"},
    "xxhash": {"media/digest.py"},
    "ffmpeg": {"media/ffmpeg.py"},
    "imageio_ffmpeg": {"media/ffmpeg.py"},
    "av": {"media/probe.py"},
    "distributed": {"media/work/cluster.py"},
    "docx": {"scanner/notice/word.py"},
    "openpyxl": {"media/tables.py", "media/workbook.py"},
    "pebble": {"media/work/pool.py"},
    "jinja2": {"scanner/reports/templating.py"},
    "rapidocr": {"fingerprints/marks/ocr.py"},
    "typst": {"scanner/reports/typeset.py"},
    "watchfiles": {"scanner/watch/watch.py"},
}
"""Foreign library → the only modules that may import it."""


@cache
def _imports(path: Path) -> frozenset[str]:
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            yield ast.unparse(node.args[0]).strip("'").partition(".")[0]


@pytest.mark.parametrize("library", sorted(DOORS))
def test_one_door_for_each_foreign_library(library: str) -> None:
    importers = {path.relative_to(ROOT).as_posix() for path in SOURCES if library in _imports(path)}
    assert importers == DOORS[library]


@pytest.mark.parametrize("library", ["click", "rich"])
def test_only_the_command_line_speaks_to_terminals(library: str) -> None:
    importers = {path.relative_to(ROOT).as_posix() for path in SOURCES if library in _imports(path)}
    assert importers
    assert all(name.startswith(("scanner/cli/", "scanner/reports/console.py")) for name in importers)


@pytest.mark.parametrize("library", ["starlette", "uvicorn"])
def test_only_the_desk_serves_pages(library: str) -> None:
    importers = {path.relative_to(ROOT).as_posix() for path in SOURCES if library in _imports(path)}
    assert importers
    assert all(name.startswith("scanner/desk/") for name in importers)


def test_import_floors_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_module_says_what_it_holds() -> None:
    silent = [
        path for path in SOURCES if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_every_rule_proves_itself() -> None:
    rules = load_rules()
    assert len(rules.rules) > 50
    assert not [str(failure) for failure in prove(rules)]
    assert all(rule.hits and rule.misses and rule.source for rule in rules.rules)


@pytest.mark.parametrize("name", builtin_policies())
def test_every_policy_proves_itself(name: str) -> None:
    assert not list(prove_policy(load_policy(name)))


@pytest.mark.parametrize(
    ("path", "command"),
    list(walk(provscan, ("provscan",))),
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_every_command_has_help_and_every_option_is_explained(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help, path
    assert all(option.help for option in command.params if isinstance(option, click.Option)), path


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == pages()[name], "run `make docs`"


def test_the_project_names_no_machine_or_registry() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.split(b"\0")
    # In pieces, so that this page does not name them either.
    hosts = (("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"), ("deb", "debian"))
    folders = (("..", "shared"), ("", "root", ""))
    names = (*map(".".join, hosts), *map("/".join, folders))
    pattern = re.compile("|".join(map(re.escape, names)).encode())
    named = []
    for name in filter(None, tracked):
        path = ROOT / name.decode()
        if path.is_file() and pattern.search(path.read_bytes()):
            named.append(name.decode())
    assert not named


PLUGINS = {"scanner/readers", "scanner/reports", "media/containers", "media/whole"}
"""Folders that grow by one file a kind: as long as there are kinds."""


def test_at_most_twenty_modules_stand_side_by_side() -> None:
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in SOURCES if path.name != "__init__.py")
    assert not {folder: size for folder, size in sizes.items() if size > 20 and folder not in PLUGINS}


def test_the_tree_of_architecture_is_the_tree_of_the_sources() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    parents: list[str] = []
    drawn = set()
    for line in page.partition("## Folders")[2].split("```")[1].splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0] if line.strip() else ""
        if name.endswith("/"):
            parents[depth:] = [name.rstrip("/")]
            drawn.add("/".join(parents))
        else:
            named = [word for word in line.split("   ")[0].split() if word.endswith(".py")]
            assert all((ROOT.joinpath(*parents[:depth]) / word).is_file() for word in named), line
    assert all((ROOT / folder).is_dir() for folder in drawn)
    assert {path.parent.relative_to(ROOT).as_posix() for path in SOURCES} <= drawn


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_documents_itself(reader: Reader) -> None:
    first = (type(reader).__doc__ or "").split("\n")[0]
    assert re.fullmatch(r"[A-Z].{15,}[.:]", first), "its docstring begins with one sentence, on one line"
    assert reader.media_types <= KINDS.keys()
    assert any(carrier.reader == reader.name for carrier in CARRIERS), "add a carrier in fixtures/carriers"


WITHOUT_HOMES = {"package", "subtitle"}
"""Readers whose statements no marker rule reads: checks and the delivery's lists do."""


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_some_rule_looks_at_the_statements_of_every_reader(reader: Reader) -> None:
    rules = "".join(path.read_text("utf-8") for path in ROOT.glob("scanner/judge/rules/builtin/*.toml"))
    is_read = f'"{reader.name}:' in rules
    assert is_read != (reader.name in WITHOUT_HOMES), "add its keys to scanner/judge/rules/builtin/homes.toml"
