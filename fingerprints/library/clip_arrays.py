"""What tracing needs of a video or a sound, as a library keeps it: a folder of memory-mapped arrays that never change.

Rule: it holds fingerprints and no pictures, and arrays that grow with the length are never read completely. The import
is slow, because it loads the code that reads programmes: import it only where there is a clip.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from fingerprints.library.columns import Column
from fingerprints.library.segments import discard, sync
from fingerprints.model import Clip, Features
from fingerprints.prints import landmarks
from fingerprints.prints.features import extract, pack, unpack
from fingerprints.prints.landmarks import Peaks
from fingerprints.prints.phash import LOW
from fingerprints.prints.views import VIEW_NAMES, Views
from fingerprints.prints.waveform import signs
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.samples import GUISE, Sample
from fingerprints.programmes.shots import Shot
from media.decode import EVERY_FRAME
from media.digest import digest_files
from media.errors import LibraryError, MediaError
from media.timecode import rate_of

__all__ = ["MADE", "KeptClip", "write_clip"]

VERSION = 1
MADE = f"clip {VERSION}, {landmarks.NAME} {landmarks.VERSION}"
"""The algorithms that make clips, beside those of all libraries. Clips of others are refused."""
_HEAD = "clip.json"
_HEAD_BYTES = 1 << 16
_SAMPLE = np.dtype(
    [("row", "<i8"), ("look", "?"), ("box", "<i4", (4,)), ("windows", "<u4"), ("start", "<u8"), ("size", "<u4")]
)
"""A sample's packed features are `size` bytes at `start`; its windows follow those of the sample before it."""
_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "numbers": ("<i8",),
    "low": ("<f2", (LOW, LOW)),
    "hashes": ("<u8", (4,)),
    "flat": ("?",),
    "black": ("?",),
    "shots": ("<i8", (2,)),
    "samples": (_SAMPLE,),
    "windows": ("<u8", (4,)),
    "views": ("u1",),
    "features": ("u1",),
    "peaks": ("<f4", (2,)),
    "words": ("<u4",),
}
_LATER: Mapping[str, tuple[Any, ...]] = {"levels": ("<f2",), "signs": ("u1",)}
"""What clips that were made earlier lack: the levels of the peaks, and the signs of the waveform."""
_NUMBERS = {name: number for number, name in enumerate(VIEW_NAMES)}
_NO_WINDOWS = Views((), np.zeros((0, 4), np.uint64), np.zeros(0, np.float32))


def write_clip(parent: Path, programme: Programme, words: NDArray[np.uint32]) -> Clip:
    """Write a new clip of what was read as a reference. It is on the disk, complete, when this returns."""
    name = uuid4().hex[:24]
    beside = parent / f"{name}.new"
    beside.mkdir(parents=True)
    try:
        _write(beside, programme, words)
        sync(beside)
        beside.rename(parent / name)
    except BaseException:
        discard(beside)
        raise
    return Clip(
        name=name,
        seconds=programme.seconds,
        rate=str(programme.rate) if len(programme.numbers) else "",
        origin=programme.origin,
        has_sound=bool(len(programme.peaks.times)),
        made=MADE,
        digests=_digests(parent / name),
    )


def _digests(folder: Path) -> dict[str, str]:
    """Of all its files, by name."""
    return {path.name: digest_files([path]) for path in sorted(folder.iterdir())}


def _write(folder: Path, programme: Programme, words: NDArray[np.uint32]) -> None:
    peaks = programme.peaks
    head = {
        "version": VERSION, "rate": str(programme.rate), "start": programme.start, "origin": programme.origin,
        "heard": peaks.seconds, "fault": programme.fault,
    }  # fmt: skip
    (folder / _HEAD).write_text(json.dumps(head), "utf-8")
    whole: Mapping[str, NDArray[Any]] = {
        "numbers": programme.numbers,
        "low": programme.low,
        "hashes": programme.hashes,
        "flat": programme.flat,
        "black": programme.black,
        "shots": np.array([(shot.first, shot.end) for shot in programme.shots], np.int64).reshape(-1, 2),
        "peaks": np.stack([peaks.times, peaks.bins], axis=1),
        "words": words,
        "levels": peaks.levels.astype(np.float16),
        "signs": signs(programme.flat_sound()),
    }
    for name, rows in whole.items():
        with Column(folder / f"{name}.npy", *{**_COLUMNS, **_LATER}[name]) as column:
            for first in range(0, len(rows), 1 << 14):
                column.append(rows[first : first + (1 << 14)])
    names = ("samples", "windows", "views", "features")
    columns = {name: Column(folder / f"{name}.npy", *_COLUMNS[name]) for name in names}
    with columns["samples"], columns["windows"], columns["views"], columns["features"]:
        start = 0
        for sample in programme.samples:
            seen = sample.windows or _NO_WINDOWS
            packed = pack(extract(programme.picture(sample)))
            row = (sample.row, sample.look, sample.box or (0, 0, 0, 0), len(seen.hashes), start, len(packed))
            columns["samples"].append(np.array([row], _SAMPLE))
            columns["windows"].append(seen.hashes)
            columns["views"].append(np.array([_NUMBERS[name] for name in seen.names], np.uint8))
            columns["features"].append(np.frombuffer(packed, np.uint8))
            start += len(packed)


@dataclass(frozen=True, slots=True, eq=False)
class KeptClip:
    """An open clip: what tracing needs, memory-mapped."""

    programme: Programme
    """Without pictures of its samples."""
    words: NDArray[np.uint32]
    """Of Chromaprint."""
    signs: NDArray[np.uint8]
    """Of the waveform."""
    _folder: Path
    _samples: NDArray[np.void]
    _packed: NDArray[np.uint8]

    @classmethod
    def open(cls, folder: Path, original: Path) -> KeptClip:
        """Open a clip. `LibraryError` for a damaged one states how to fix it. `original` is the file that it was read
        from, if it exists."""
        try:
            head = _head(folder / _HEAD)
            arrays = {name: _map_array(folder / f"{name}.npy", *kind) for name, kind in _COLUMNS.items()}
            arrays |= {name: _later(folder / f"{name}.npy", *kind) for name, kind in _LATER.items()}
            _check(arrays)
            programme = _programme(head, arrays, original)
        except (OSError, ValueError, EOFError, KeyError, TypeError, ZeroDivisionError, RecursionError) as error:
            raise _damage_error(folder, error) from error
        return cls(programme, arrays["words"], arrays["signs"], folder, arrays["samples"], arrays["features"])

    def features(self, number: int) -> Features:
        """The features of a sample."""
        start, size = int(self._samples["start"][number]), int(self._samples["size"][number])
        try:
            return unpack(self._packed[start : start + size].tobytes())
        except MediaError as fault:
            raise _damage_error(self._folder, fault) from fault


def _damage_error(folder: Path, why: Exception) -> LibraryError:
    mend = "remove its reference and add it again; `provscan library verify` names it"
    return LibraryError(f"the clip {folder} cannot be read: {why}; {mend}")


def _head(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        found = json.loads(file.read(_HEAD_BYTES))
    if not isinstance(found, dict) or found["version"] != VERSION:
        raise ValueError("it is of another version")
    return found


def _map_array(path: Path, dtype: Any, width: tuple[int, ...] = ()) -> NDArray[Any]:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != np.dtype(dtype) or array.shape[1:] != width or array.ndim != 1 + len(width):
        raise ValueError(f"{path.name} is not what it should be")
    return np.asarray(array)


def _later(path: Path, dtype: Any) -> NDArray[Any]:
    return _map_array(path, dtype) if path.exists() else np.zeros(0, dtype)


def _check(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Nothing points outside: rows, windows, features and views."""
    frames, samples, shots = len(arrays["numbers"]), arrays["samples"], arrays["shots"]
    ends = samples["start"] + samples["size"]
    edges = np.concatenate([[0], shots[:, 1]])
    right = (
        all(len(arrays[name]) == frames for name in ("low", "hashes", "flat", "black"))
        and (np.diff(arrays["numbers"]) >= 0).all()
        and (np.diff(samples["row"], prepend=0) >= 0).all()
        and samples["row"].max(initial=-1) < frames
        and ends.max(initial=0) <= len(arrays["features"])
        and int(samples["windows"].sum(dtype=np.int64)) == len(arrays["windows"]) == len(arrays["views"])
        and arrays["views"].max(initial=0) < len(VIEW_NAMES)
        and (edges[:-1] == shots[:, 0]).all()
        and (np.diff(edges) > 0).all()
        and edges[-1] == frames
        and len(arrays["levels"]) in (0, len(arrays["peaks"]))
    )
    if not right:
        raise ValueError("its arrays do not fit together")


def _programme(head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], original: Path) -> Programme:
    times, bins = np.ascontiguousarray(arrays["peaks"].T)
    return Programme(
        medium=original,
        rate=_rate(head["rate"]),
        start=str(head["start"]),
        mode=EVERY_FRAME,
        numbers=arrays["numbers"],
        low=arrays["low"],
        hashes=arrays["hashes"],
        flat=arrays["flat"],
        black=arrays["black"],
        shots=tuple(Shot(first, end) for first, end in arrays["shots"].tolist()),
        samples=tuple(_samples(arrays)),
        asked=np.zeros(0, GUISE),
        peaks=Peaks(times, bins, float(head["heard"]), arrays["levels"].astype(np.float32)),
        origin=float(head["origin"]),
        fault=str(head["fault"]),
    )


def _rate(said: object) -> Fraction:
    if isinstance(said, str):
        return rate_of(said)
    raise ValueError("it has no rate")


def _samples(arrays: Mapping[str, NDArray[Any]]) -> Iterator[Sample]:
    # The views of most samples are the same ones: their names are kept once.
    called = lru_cache(maxsize=64)(lambda views: tuple(VIEW_NAMES[number] for number in views))
    end = 0
    for row, look, box, count, _, _ in arrays["samples"].tolist():
        first, end = end, end + count
        names = called(arrays["views"][first:end].tobytes())
        windows = Views(names, arrays["windows"][first:end], np.ones(count, np.float32))
        yield Sample(
            row=row, windows=windows if count else None, look=look,
            box=tuple(box) if any(box) else None, panels=(), place=(0, 0),
        )  # fmt: skip
