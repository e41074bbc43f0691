"""User-facing text holds none of the words that docs/style.md forbids."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = (
    "held against",
    "spoken of",
    "speaks? of",
    "the mend",
    "mend(?:s|ed|ing)?",
    "dear",
    "(?:is|are|was|were|be|been|has|have|not) told",
    "tells? of",
    "(?:which|that) is none",
    "which is said",
    "unsaid",
    "of what is",
    "nobody (?:has said|said|told)",
)
WORD = re.compile(rf"\b(?:{'|'.join(FORBIDDEN)})\b", re.I)
PAGES = (
    "README.md",
    "docs/reading-a-report.md",
    "docs/for-producers.md",
    "docs/register.md",
    "docs/comparing.md",
    "docs/configuration.md",
    "docs/library.md",
)
"""Pages for users that are written by hand."""
POLICIES = sorted((ROOT / "scanner/judge/policy/builtin").glob("*.toml"))
RULES = sorted((ROOT / "scanner/judge/rules/builtin").glob("*.toml"))
SENTENCES = ("title", "text", "uncovered", "remedy")


def list_faults(text: str) -> list[str]:
    """List every forbidden word of a text with the words around it; line breaks count as spaces."""
    plain = " ".join(text.split())
    return [plain[max(0, hit.start() - 40) : hit.end() + 40] for hit in WORD.finditer(plain)]


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


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_no_forbidden_words(page: str) -> None:
    assert list_faults((ROOT / page).read_text("utf-8")) == []


@pytest.mark.parametrize("path", [*POLICIES, *RULES], ids=lambda path: path.name)
def test_policies_and_rules_hold_no_forbidden_words(path: Path) -> None:
    with path.open("rb") as file:
        sentences = list(read_sentences(tomllib.load(file)))
    assert [fault for sentence in sentences for fault in list_faults(sentence)] == []


def test_a_forbidden_word_is_reported_with_the_words_around_it() -> None:
    assert list_faults("Licences are\nheld against it.") == ["Licences are held against it."]
    assert list_faults("The amended recommendation was retold.") == []
