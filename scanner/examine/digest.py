"""The digest of an asset: of its file, or of all frames of a sequence, with the sums that a list asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from media.digest import Digest, DigestMode, digest_file, hash_states, join_digests, may_be_sampled
from media.work.meter import ByteMeter
from scanner.discover.sequences import frame_paths
from scanner.model import Asset

__all__ = ["Sums", "digest_asset"]


@dataclass(slots=True)
class Sums:
    """Other digests of an asset's files, computed while they are read, because a list asks for them."""

    wanted: Mapping[str, Collection[str]]
    """Path below the root → algorithms, as `lists.ALGORITHMS` names them."""
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    """Path → algorithm → hexadecimal digits; only of files that were read to their end."""


def digest_asset(asset: Asset, mode: DigestMode = DigestMode.AUTO, sums: Sums | None = None) -> Digest | None:
    """The digest of a file or of all frames of a sequence; nothing for mode `none`. Raises `MediaError`."""
    if mode is DigestMode.NONE:
        return None
    if asset.frames is None:
        return _digest_listed(asset, asset.path, mode, sums)
    return join_digests(_digest_listed(asset, path, mode, sums) for _, path in frame_paths(asset))


def _digest_listed(asset: Asset, path: str, mode: DigestMode, sums: Sums | None) -> Digest:
    states = hash_states(sums.wanted.get(path, ()) if sums else ())
    # What is read whole shows how far it is; a sample is read in no time, and must stay one.
    meters = () if asset.frames or may_be_sampled(asset.size, mode) else (ByteMeter(asset.size),)
    digest = digest_file(Path(asset.location) / path, mode, (*states.values(), *meters))
    if sums is not None and states:
        sums.found[path] = {name: state.hexdigest() for name, state in states.items()}
    return digest
