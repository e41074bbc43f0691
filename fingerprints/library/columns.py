"""Arrays that are written row by row into .npy files, so that a segment of any size costs no memory."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

__all__ = ["Column", "read_rows"]


class Column:
    """One .npy file that grows. A context; the file is valid when the context ends."""

    def __init__(self, path: Path, dtype: DTypeLike, width: tuple[int, ...] = ()) -> None:
        self._dtype, self._width, self._rows = np.dtype(dtype), width, 0
        self._file = path.open("wb")
        self._header()

    def append(self, rows: NDArray[np.generic]) -> None:
        """Append rows."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)
        self._rows += len(rows)

    def __enter__(self) -> Column:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            # numpy's header leaves room for the first side to grow: its length stays what it was.
            self._file.seek(0)
            self._header()
        self._file.close()

    def _header(self) -> None:
        _write_header(self._file, self._rows, self._dtype, self._width)


def read_rows(path: Path, dtype: DTypeLike, width: tuple[int, ...] = ()) -> NDArray[Any]:
    """The rows of a column whose header may be damaged, memory-mapped: a column of a kind always begins at one place.
    Raises `OSError` and `ValueError`."""
    head, kind = BytesIO(), np.dtype(dtype)
    _write_header(head, 0, kind, width)
    count = (path.stat().st_size - len(head.getvalue())) // (kind.itemsize * math.prod(width))
    if count <= 0:
        return np.zeros((0, *width), kind)
    return np.asarray(np.memmap(path, kind, "r", len(head.getvalue()), (count, *width)))


def _write_header(file: BinaryIO, rows: int, dtype: np.dtype[Any], width: tuple[int, ...]) -> None:
    described = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows, *width)}
    npy.write_array_header_1_0(file, described)
