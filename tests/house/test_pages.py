"""The pages for contributors, followed word for word in a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<pad> *)```(?P<info>\S[^\n]*)\n(?P<text>.*?)^(?P=pad)```$", re.M | re.S)


class Block(NamedTuple):
    """A fenced block: its language, the file that its title names, and its text."""

    language: str
    title: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    for found in FENCE.finditer((ROOT / "docs" / page).read_text("utf-8")):
        language, _, title = found["info"].partition(" title=")
        yield Block(language, title, textwrap.dedent(found["text"]))


def copy_project(folder: Path) -> Path:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/golden"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def apply(folder: Path, difference: str) -> None:
    """Lines of one place in one file, named behind `---`: kept, taken away, added."""
    head, *lines = difference.rstrip("\n").split("\n")
    path = folder / head.removeprefix("--- ")
    before = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-"))
    after = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+", ""))
    text = path.read_text("utf-8")
    assert text.count(f"\n{before}\n") == 1, f"{path.name} has no one place like this:\n{before}"
    path.write_text(text.replace(f"\n{before}\n", f"\n{after}\n"), "utf-8")


def run(folder: Path, line: str) -> None:
    words = shlex.split(line)
    assert words.pop(0) == "python"
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "page",
    [
        "adding-a-format.md",
        "adding-a-reader.md",
        "adding-a-policy.md",
        "adding-a-report.md",
        "adding-a-reference-kind.md",
    ],
)
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "copy")
    done = {"title": 0, "diff": 0, "sh": 0}
    for block in blocks(page):
        if block.title:
            (folder / block.title).write_text(block.text, "utf-8")
            done["title"] += 1
        elif block.language == "diff":
            apply(folder, block.text)
            done["diff"] += 1
        elif block.language == "sh":
            for line in block.text.splitlines():
                run(folder, line)
                done["sh"] += 1
    assert done["title"]
    assert done["sh"]
    sources = [block.title for block in blocks(page) if block.title.endswith(".py")]
    for tool in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]) if sources else ():
        checked = subprocess.run(
            [sys.executable, "-m", *tool, *sources], cwd=folder, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert not [link for link in links if not (ROOT / "docs" / link).exists()]
