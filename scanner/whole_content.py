"""Digests of whole contents that signatures need: for sampled assets, where a row or a waiver names content, and where
something was found that a row of the cue sheet will name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from media.digest import WHOLE, Digest, DigestMode, may_be_sampled
from media.errors import MediaError
from scanner.config import Config
from scanner.examine.digest import digest_asset
from scanner.examine.examine import limit_seconds
from scanner.examine.inspection import executor_of, roots_of
from scanner.examine.store import Store
from scanner.judge.case import AI_CLAIMS
from scanner.judge.conclude import Judgement, Matched, state_all
from scanner.model import Asset, Claim, Examination, Match
from scanner.progress import Progress
from scanner.recognise.recognise import Recognition

__all__ = ["Signed", "digest_signed"]

_TOPIC = f"{WHOLE} of all/1"


class Signed:
    """Notes, as examinations are read, of which assets a signature may ask for the digest of all content."""

    def __init__(self, judgement: Judgement, config: Config) -> None:
        self._judgement = judgement
        self._mode = DigestMode(config.digest)
        self._asked: set[tuple[str, str]] = set()
        self._sampled: set[tuple[str, str]] = set()

    def wants(self, asset: Asset) -> bool:
        """Whether its digest may be that of a sample."""
        return may_be_sampled(asset.size, self._mode)

    def note(self, seen: Examination) -> None:
        """Note whether a row or a waiver names content that this may be, or AI is stated in what was sampled."""
        by, place = self._judgement, (seen.asset.root, seen.asset.path)
        is_sampled = seen.digest is not None and seen.digest.algorithm != WHOLE
        if by.register.asks_whole(seen) or by.waivers.asks_whole(seen) or (is_sampled and _states_ai(seen, by)):
            self._asked.add(place)
        elif is_sampled:
            self._sampled.add(place)

    def assets(self, recognition: Recognition) -> Iterator[Asset]:
        """Whose content is to be digested: what was noted, and what was sampled and shows a reference."""
        shown = {(asset.root, asset.path) for asset, _ in recognition.matches()} if self._sampled else set()
        places = self._asked | (self._sampled & shown)
        if places:
            yield from (one for one in recognition.examinations.assets() if (one.root, one.path) in places)


def digest_signed(
    signed: Signed, recognition: Recognition, store: Store, config: Config, progress: Progress
) -> Matched:
    """Pass examinations and matches through, with the digest of the whole content where a row of the register or a
    waiver names content, or where AI or a reference was found: the cue sheet proposes rows for those.

    Each digest is computed once and kept in the store until the asset changes. One that cannot be computed binds
    nothing.
    """
    wanted = [asset for asset in signed.assets(recognition) if store.recall(asset, _TOPIC) is None]
    if wanted:
        progress.stage("Digesting what is signed", len(wanted))
    for asset, result in executor_of(config).run(_digest, wanted, limit=limit_seconds, needs=roots_of):
        if isinstance(result, Digest):
            store.remember(asset, _TOPIC, result.value.encode("ascii"))
        progress.step(asset.path)

    def known() -> Iterator[tuple[Examination, tuple[Match, ...]]]:
        for seen, matches in recognition.pairs():
            sampled = seen.digest is None or seen.digest.algorithm != WHOLE
            value = store.recall(seen.asset, _TOPIC) if sampled else None
            yield replace(seen, whole=Digest(algorithm=WHOLE, value=value.decode("ascii"))) if value else seen, matches

    return known


def _states_ai(seen: Examination, judgement: Judgement) -> bool:
    found = judgement.engine.detect(state_all(seen)).findings
    return any(finding.claim in (*AI_CLAIMS, Claim.POSSIBLE) for finding in found)


def _digest(asset: Asset) -> Digest | None:
    try:
        return digest_asset(asset, DigestMode.FULL)
    except MediaError:
        return None
