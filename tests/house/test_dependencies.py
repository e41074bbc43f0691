"""What installing rests on: constraints that hold anywhere, and bounds on everything whose API is called."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scanner.doctor import FOR_USERS
from scanner.licences import GPL, find_licences, licence_of

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = [
    Requirement(line)
    for lines in (
        PROJECT["build-system"]["requires"],
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
    )
    for line in lines
    if not line.startswith("provscan")
]
PINNED = [
    line
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


REQUIRED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
EXTRAS = {
    extra: [Requirement(line) for line in PROJECT["project"]["optional-dependencies"][extra]] for extra in FOR_USERS
}
TABLE = re.compile(
    r"^\| (?P<names>[a-z0-9, -]+?)(?: \(extra `(?P<extra>\w+)`\))? \| (?P<licence>[^|]+) \|", re.MULTILINE
)


def test_nothing_that_a_default_installation_brings_is_under_the_gpl() -> None:
    found = list(find_licences((required, "") for required in REQUIRED))
    assert {canonicalize_name(each.name) for each in found} >= {canonicalize_name(one.name) for one in REQUIRED}
    assert len(found) > len(REQUIRED), "those that libraries need are looked at too"
    assert [(each.name, each.licence) for each in found if not each.licence or GPL.search(each.licence)] == []


def test_the_table_of_architecture_has_every_dependency_with_its_licence() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Dependencies")[2]
    rows = [row for row in TABLE.finditer(page) if row["names"] != "library"]
    listed = {(name, row["extra"] or "") for row in rows for name in row["names"].split(", ")}
    asked = {(one.name, "") for one in REQUIRED} | {(one.name, extra) for extra, many in EXTRAS.items() for one in many}
    assert listed == asked
    for row in rows:
        for name in row["names"].split(", "):
            stated = licence_of(metadata.distribution(name))
            assert _family(row["licence"]) == _family(stated), f"{name}: {row['licence']}, installed: {stated}"


def _family(licence: str) -> set[str]:
    """Its names without versions, which metadata often leave out."""
    words = licence.replace("Apache Software License", "Apache").replace("GNU Library or Lesser General", "LGPL")
    return set(re.findall(r"Apache|BSD|MIT|MPL|LGPL|(?<!L)GPL|CNRI", words))


def test_what_wheels_of_video_libraries_carry_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for each in find_licences((required, "") for required in REQUIRED):
        for native, licence in each.carries:
            if GPL.search(licence) and "exception" not in licence and " OR " not in licence:
                assert native.removeprefix("lib") in notice, f"{each.name} carries {native}: {licence}"
                assert each.name in notice


def test_constraints_are_names_and_versions_and_nothing_else() -> None:
    line = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.+!]+")
    assert [pin for pin in PINNED if not line.fullmatch(pin)] == []


@pytest.mark.parametrize("required", DECLARED, ids=lambda it: it.name)
def test_each_dependency_has_an_upper_bound(required: Requirement) -> None:
    assert any(bound.operator in ("<", "<=", "==", "~=") for bound in required.specifier), required
    assert required.url is None


def test_what_is_tested_is_within_the_bounds() -> None:
    pinned = {canonicalize_name(name): Version(version) for name, _, version in (pin.partition("==") for pin in PINNED)}
    declared = [one for one in DECLARED if canonicalize_name(one.name) in pinned]
    assert len(declared) > 40
    outside = [str(one) for one in declared if not one.specifier.contains(pinned[canonicalize_name(one.name)])]
    assert outside == []
