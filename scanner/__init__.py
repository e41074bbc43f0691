"""provscan reports what the files of a delivery state about their origin, and judges it before the delivery is signed
off.

The names of the Python interface (docs/python.md) are loaded when they are first used: `import scanner` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.interface import (
        ConfigError,
        Disagreement,
        LibraryError,
        MissingDependency,
        Outcome,
        Record,
        Run,
        RunError,
        Summary,
        read_records,
        read_run,
        rejudge,
        scan,
    )

__all__ = [
    "ConfigError",
    "Disagreement",
    "LibraryError",
    "MissingDependency",
    "Outcome",
    "Record",
    "Run",
    "RunError",
    "Summary",
    "__version__",
    "read_records",
    "read_run",
    "rejudge",
    "scan",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'scanner' has no attribute {name!r}")
    return getattr(import_module("scanner.interface"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
