"""Are two scans of one delivery the same, record by record?  `python -m tests.contracts.same_records BEFORE AFTER`

Compares two `records.jsonl` byte for byte in all but the versions of readers, rules and libraries, which may change
while results must not. Prints each record that differs with the paths of what differs in it; exit 1 where any does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def _records(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in path.open(encoding="utf-8", errors="surrogateescape"):
        record = json.loads(line)
        found[f"{record['asset'].get('root')}/{record['asset']['path']}"] = record
    return found


def main(before: Path, after: Path) -> int:
    """The number of records that differ or stand in one scan only."""
    old, new = _records(before), _records(after)
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
    sys.exit(1 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 0)
