"""What installing rests on: constraints that hold anywhere, and bounds on everything whose API is called."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

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
