"""The cells of a register's row, in little memory: rows of one table share the names of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Cells"]


class Cells(Mapping[str, str]):
    """Column → text, of the columns that the row fills in or must. A dictionary of its own would take five times as
    much memory."""

    __slots__ = ("_places", "_texts")

    def __init__(self, cells: Mapping[str, str], places: dict[str, int]) -> None:
        """`places` are the columns of the table so far, each with its place; new ones are added."""
        texts: list[str | None] = [None] * len(places)
        for column, text in cells.items():
            if (at := places.setdefault(column, len(texts))) < len(texts):
                texts[at] = text
            else:
                texts.append(text)
        while texts and texts[-1] is None:
            texts.pop()
        self._places, self._texts = places, tuple(texts)

    def get(self, column: str, default: Any = None) -> Any:
        """As of a dictionary."""
        at = self._places.get(column)
        text = self._texts[at] if at is not None and at < len(self._texts) else None
        return default if text is None else text

    def __getitem__(self, column: str) -> str:
        text: str | None = self.get(column)
        if text is None:
            raise KeyError(column)
        return text

    def __contains__(self, column: object) -> bool:
        return isinstance(column, str) and self.get(column) is not None

    def __iter__(self) -> Iterator[str]:
        return (column for column, text in zip(self._places, self._texts, strict=False) if text is not None)

    def __len__(self) -> int:
        return sum(text is not None for text in self._texts)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._places, self._texts)


def _restore(places: dict[str, int], texts: tuple[str | None, ...]) -> Cells:
    cells = Cells.__new__(Cells)
    cells._places, cells._texts = places, texts
    return cells
