"""Text holds none of the words that docs/style.md forbids: pages, policies, rules, and the strings and docstrings of code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    "held against",
    "spoken of",
    "spoke of",
    "speaks? of",
    "mend(?:s|ed|ing)?",
    "dear",
    "(?:is|are|was|were|be|been|has|have|not|nobody) told",
    "tells? of",
    "(?:which|that) is none",
    "which is said",
    "unsaid",
    "of what is",
    "nobody (?:has said|said|told)",
)
IN_MESSAGES = (
    *FORBIDDEN,
    "says? of",
    "anew",
    "breaks? off",
    "not sound (?:JSON|PDF|ZIP|XML)",
    "lies? (?:at|elsewhere|outside|inside|beside|behind)",
    "that can be told",
)
"""A message is read in a hurry."""
IN_DOCSTRINGS = (*FORBIDDEN, r"laws?(?=[.:] )", "says? of", "anew", "told", "what is none", "the like of")
"""A docstring of a module, or of a public name, is what a contributor reads first."""
WORD, MESSAGE_WORD, DOCSTRING_WORD = (
    re.compile(rf"\b(?:{'|'.join(words)})\b", re.I) for words in (FORBIDDEN, IN_MESSAGES, IN_DOCSTRINGS)
)
LISTED = {"docs/style.md"}
"""Pages that list these words."""
PAGES = sorted({path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("docs/*.md"), *ROOT.glob("*.md"))} - LISTED)
POLICIES = sorted((ROOT / "scanner/judge/policy/builtin").glob("*.toml"))
RULES = sorted((ROOT / "scanner/judge/rules/builtin").glob("*.toml"))
SENTENCES = ("title", "text", "uncovered", "remedy")
SOURCES = sorted(path for package in ("scanner", "media", "fingerprints") for path in ROOT.glob(f"{package}/**/*.py"))
FORMER = {"_FORMERLY"}
"""Names of constants that hold sentences of earlier versions, to be recognised and not printed."""


def list_faults(text: str, words: re.Pattern[str] = WORD) -> list[str]:
    """List every forbidden word of a text with the words around it; line breaks count as spaces."""
    plain = " ".join(text.split())
    return [plain[max(0, hit.start() - 40) : hit.end() + 40] for hit in words.finditer(plain)]


def read_sentences(table: object) -> Iterator[str]:
    """Yield the sentences that a report prints from a policy or rule file."""
    if isinstance(table, dict):
        for key, value in table.items():
            if key in SENTENCES and isinstance(value, str):
                yield value
            else:
                yield from read_sentences(value)
    elif isinstance(table, list):
        for item in table:
            yield from read_sentences(item)


def read_strings(source: str) -> Iterator[str]:
    """Yield every string of a module that may reach a user: all but docstrings and the strings of `FORMER`.

    An f-string is one string, with `{}` for each value.
    """
    yield from _strings(ast.parse(source))


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _strings(part.value)
    elif not _is_docstring(node) and not _is_former(node):
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def _is_docstring(node: ast.AST) -> bool:
    """A string that stands alone documents the module, class, function or constant before it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_former(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id in FORMER for one in node.targets)


def read_docstrings(source: str) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of a module, its public classes and functions, and of public constants and fields."""
    yield from _docstrings(ast.parse(source), "module")


def _docstrings(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    body = getattr(node, "body", [])
    for before, each in zip((None, *body), body, strict=False):
        if _is_docstring(each) and isinstance(text := each.value.value, str):
            named = name if before is None else _target(before)
            if not named.startswith("_"):
                yield named, text
        elif isinstance(each, ast.ClassDef | ast.FunctionDef) and not each.name.startswith("_"):
            yield from _docstrings(each, each.name)


def _target(node: ast.AST) -> str:
    """Return the name that an assignment gives a value to; `_` for any other statement."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return next((one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)), "_")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_no_forbidden_words(page: str) -> None:
    assert list_faults((ROOT / page).read_text("utf-8")) == []


@pytest.mark.parametrize("path", [*POLICIES, *RULES], ids=lambda path: path.name)
def test_policies_and_rules_hold_no_forbidden_words(path: Path) -> None:
    with path.open("rb") as file:
        sentences = list(read_sentences(tomllib.load(file)))
    assert [fault for sentence in sentences for fault in list_faults(sentence)] == []


def test_messages_in_the_code_hold_no_forbidden_words() -> None:
    strings = [(path, text) for path in SOURCES for text in read_strings(path.read_text("utf-8"))]
    assert len(strings) > 5_000
    assert [
        f"{path.relative_to(ROOT)}: {fault}" for path, text in strings for fault in list_faults(text, MESSAGE_WORD)
    ] == []


def test_docstrings_of_public_names_hold_no_forbidden_words() -> None:
    texts = [(path, name, text) for path in SOURCES for name, text in read_docstrings(path.read_text("utf-8"))]
    assert len(texts) > 2_000
    assert [
        f"{path.relative_to(ROOT)}, {name}: {fault}"
        for path, name, text in texts
        for fault in list_faults(text, DOCSTRING_WORD)
    ] == []


def test_templates_hold_no_forbidden_words() -> None:
    templates = sorted(ROOT.glob("scanner/**/*.j2"))
    assert templates
    assert [fault for path in templates for fault in list_faults(path.read_text("utf-8"))] == []


def test_a_forbidden_word_is_reported_with_the_words_around_it() -> None:
    assert list_faults("Licences are\nheld against it.") == ["Licences are held against it."]
    assert list_faults("The amended recommendation was retold.") == []


def test_messages_are_found_in_code_and_docstrings_are_not() -> None:
    source = '"""It is told."""\nX = 1\n"""Told."""\n_FORMERLY = ("was told",)\nraise Fault(f"{X + len("a")} was " f"told")\n'
    assert list(read_strings(source.replace('len("a")', "len('a')"))) == ["{} was told", "a"]


def test_docstrings_are_found_of_public_names_only() -> None:
    source = (
        '"""Of a module."""\nX: int = 1\n"""Of a constant."""\n_Y = 2\n"""Private."""\n'
        'class A:\n    """Of a class."""\n    y: int\n    """Of a field."""\n'
        '    def _run(self):\n        """Private."""\n'
    )
    assert list(read_docstrings(source)) == [
        ("module", "Of a module."),
        ("X", "Of a constant."),
        ("A", "Of a class."),
        ("y", "Of a field."),
    ]
