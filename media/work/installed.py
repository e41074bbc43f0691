"""What is installed on a machine, as far as it decides results: two machines with the same give the same records."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Final

from media import ffmpeg
from media.errors import MissingDecoder

__all__ = ["Installed", "installed"]

_DECIDING: Final = (
    "provscan", "av", "brotli", "c2pa-python", "exifread", "faiss-cpu", "numpy", "olefile", "onnxruntime",
    "opencv-python-headless", "openpyxl", "pikepdf", "pillow", "pillow-heif", "pyaaf2", "rapidocr", "scipy",
)  # fmt: skip
"""Packages that read, decode or compare."""
_FFMPEG: Final = "ffmpeg"


@dataclass(frozen=True, slots=True)
class Installed:
    """Versions by the name of the package or program; what is not installed is not in it."""

    versions: Mapping[str, str]

    def differences(self, there: Installed) -> list[str]:
        """What another machine has otherwise, in a phrase each."""
        return [
            f"it has {_named(name, there)}, this machine has {_named(name, self)}"
            for name in (*_DECIDING, _FFMPEG)
            if self.versions.get(name) != there.versions.get(name)
        ]


def _named(name: str, of: Installed) -> str:
    version = of.versions.get(name)
    return f"no {name}" if version is None else f"{name} {version}"


@cache
def installed() -> Installed:
    """What this machine has."""
    found = {}
    for name in _DECIDING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    with suppress(MissingDecoder):
        found[_FFMPEG] = ffmpeg.tool().version
    return Installed(found)
