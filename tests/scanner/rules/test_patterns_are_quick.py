"""Values come from strangers: no pattern of any rule takes long on half a mebibyte made of what it looks for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import regex

from scanner.judge.rules import Rule, load_rules

SIZE = 1 << 19
QUICK = 0.125
RULES = load_rules().rules


def patterns(rule: Rule) -> Iterator[regex.Pattern[str]]:
    conditions = (rule.condition, *rule.also, *rule.lacks, *(closer.condition for closer in rule.refine))
    for condition in conditions:
        yield from (pattern for pattern in (condition.match, condition.unless) if pattern is not None)


def hostile(pattern: regex.Pattern[str]) -> Iterator[str]:
    """Half a mebibyte of each kind that makes a pattern begin, and never lets it end."""
    literals = [
        re.sub(r"\\(.)", r"\1", found) for found in re.findall(r"(?:\w|\\[ .\-]|[\" :;,/{-])+", pattern.pattern)
    ]
    words = [word for word in dict.fromkeys(literals) if len(word) > 2][:40] or ["x"]
    longest = max(words, key=len)
    for unit in ("".join(words), "\n".join(words), longest, longest + '": "', words[0] + "1, ", "\\" + '"' + words[-1]):
        yield (unit * (SIZE // len(unit) + 1))[:SIZE]
    yield from ("{" + '"' * (SIZE - 1), " " * SIZE, "\n" * SIZE)


def _spent(pattern: regex.Pattern[str], value: str) -> float:
    """Seconds of this thread's own, not of the wall's clock."""
    start = time.thread_time()
    pattern.search(value, timeout=60)
    return time.thread_time() - start


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_pattern_of_a_rule_is_slow(rule: Rule) -> None:
    slow = []
    for pattern in patterns(rule):
        for value in hostile(pattern):
            spent = _spent(pattern, value)
            if spent > QUICK:  # neighbours on the machine may cost one, or two
                spent = min(spent, *(_spent(pattern, value) for _ in range(3)))
            if spent > QUICK:
                slow.append((pattern.pattern[:60], value[:40], round(spent, 2)))
    assert not slow
