"""`python -m scanner`: the command line without its console script."""

from __future__ import annotations

from scanner.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
