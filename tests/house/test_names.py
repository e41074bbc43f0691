"""One noun names one thing: no two public classes of the project have the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_two_public_classes_have_the_same_name() -> None:
    homes = defaultdict(list)
    for package in ("scanner", "media", "fingerprints"):
        for path in sorted(ROOT.glob(f"{package}/**/*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(path.relative_to(ROOT).as_posix())
    assert len(homes) > 200
    assert not {name: places for name, places in homes.items() if len(places) > 1}
