"""With `--redact` nothing private is in any byte that provscan writes or prints: words that occur nowhere else are planted
in every field of every carrier, in the register, the waivers, a library and a cut, and looked for afterwards."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pypdfium2
import pytest

from fixtures.carriers import CARRIERS, Carrier
from tests.e2e.conftest import Call

CANARY = re.compile(r"(?i)qzv\d{4}x")
PRIVATE = (
    "portrait of {0}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: {0}_v2, Version: {0}",
    "{0} {0}son <{0}@{0}.example>",
    "51.4778 N, 0.0015 W, {0} Road",
    "SN-{0}-00981",
    r"/Users/{0}/Desktop/{0}.psd C:\Users\{0}\{0}.psd",
    "Midjourney {0}",
    "{0}",
)
"""A prompt, a person, a place, a serial number, paths with a user's name, a tool that is not known, a bare word."""


class Planted:
    """Values with canaries, and where each was put."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._numbers = count()

    def word(self, place: str) -> str:
        canary = f"qzv{next(self._numbers):04}x"
        self.places[canary] = place
        return canary

    def value(self, place: str) -> str:
        return PRIVATE[len(self.places) % len(PRIVATE)].format(self.word(place))


def laid(carrier: Carrier, planted: Planted) -> Iterator[bytes]:
    """Files of a carrier that state each of its fields, and fields of a name that nobody knows."""
    says: dict[str, str] = {}
    for key in carrier.keys:
        if not re.search(r"[*?\[]", key):
            value = planted.value(f"{carrier.name} {key}")
            says[key] = value if carrier.fits(value) else CANARY.search(value)[0] + carrier.endings[0]
        elif key.endswith("*") and not re.search(r"[?\[]", key):
            says[key[:-1] + planted.word(f"{carrier.name} {key}")] = "words"
    parts: list[Mapping[str, str]] = [says, *({key: value} for key, value in says.items() if len(says) > 1)]
    for part in parts:
        try:
            yield carrier.lay(part)
        except (ValueError, KeyError, UnicodeEncodeError):  # no such field, or one at a time
            continue
        if part is says:
            return


def plant(folder: Path, planted: Planted) -> None:
    for carrier in CARRIERS:
        for number, data in enumerate(laid(carrier, planted)):
            (folder / f"{carrier.name}-{number}{carrier.suffix}").write_bytes(data)
