"""Arrays that are written row by row into .npy files, so that a segment of any size costs no memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

__all__ = ["Column"]


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
        shape = (self._rows, *self._width)
        described = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._file, described)
