"""Are two scans of one delivery the same, record by record?  `python -m tests.contracts.same_records BEFORE AFTER [--verdicts]`

Compares two `records.jsonl` in all but the versions of readers, rules and libraries, which may change while results must
not. Records of an earlier schema are upgraded first. Prints each record that differs with the paths of what differs in
it; exit 1 where any does. With `--verdicts` only outcomes, actions, and the rules and grounds of reasons are compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanner.records.records import from_json, to_json

_VERSIONS = frozenset({"version", "versions", "toolset"})
"""Keys of a look, or of the whole, that name versions."""


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Paths at which two JSON values differ, versions aside."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in _VERSIONS:
                yield from differences(before.get(key), after.get(key), f"{where}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{where}[{index}]")
    elif before != after:
        yield f"{where}: {json.dumps(before)[:200]} → {json.dumps(after)[:200]}"


def _decided(record: dict[str, Any]) -> dict[str, Any]:
    """What was decided, without the sentences that say it."""
    verdict = record["verdict"]
    reasons = [{key: it[key] for key in ("rule", "outcome", "because", "register")} for it in verdict["reasons"]]
    return {**{key: verdict[key] for key in ("outcome", "scan", "actions")}, "reasons": reasons}


def _records(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in path.open(encoding="utf-8", errors="surrogateescape"):
        record = to_json(from_json(json.loads(line)))
        record = json.loads(json.dumps(record))
        found[f"{record['asset'].get('root')}/{record['asset']['path']}"] = record
    return found


def main(before: Path, after: Path, *, verdicts: bool = False) -> int:
    """The number of records that differ or stand in one scan only."""
    old, new = _records(before), _records(after)
    if verdicts:
        old, new = ({name: _decided(one) for name, one in side.items()} for side in (old, new))
    count = 0
    for name in sorted(old.keys() | new.keys()):
        if name not in old or name not in new:
            found = [f"only {'after' if name in new else 'before'}"]
        else:
            found = list(differences(old[name], new[name]))
        count += bool(found)
        for words in found[:8]:
            print(f"{name}{words if words.startswith('.') else ': ' + words}")
    print(f"{len(old)} records before, {len(new)} after, {count} differ")
    return count


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--verdicts"]
    sys.exit(1 if main(Path(words[0]), Path(words[1]), verdicts="--verdicts" in sys.argv) else 0)
