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
from scanner.examine.inspection import executor_of
from scanner.examine.store import Store
from scanner.judge.case import AI_CLAIMS
from scanner.judge.conclude import Judgement, Matched, state_name
from scanner.model import Asset, Claim, Examination, Match
from scanner.progress import Progress
from scanner.recognise.recognise import Recognition

__all__ = ["digest_signed"]

_TOPIC = f"{WHOLE} of all/1"


def digest_signed(
    recognition: Recognition, judgement: Judgement, store: Store, config: Config, progress: Progress
) -> Matched:
    """Pass examinations and matches through, with the digest of the whole content where a row of the register or a
    waiver names content, or where AI or a reference was found: the cue sheet proposes rows for those.

    Each digest is computed once and kept in the store until the asset changes. One that cannot be computed binds
    nothing.
    """
    mode = DigestMode(config.digest)
    wanted = [
        seen.asset
        for seen, matches in recognition.pairs(lambda asset: may_be_sampled(asset.size, mode))
        if (
            judgement.register.asks_whole(seen)
            or judgement.waivers.asks_whole(seen)
            or (_is_sampled(seen) and (matches or _states_ai(seen, judgement)))
        )
        and store.recall(seen.asset, _TOPIC) is None
    ]
    if wanted:
        progress.stage("Digesting what is signed", len(wanted))
    for asset, result in executor_of(config).run(_digest, wanted, limit=limit_seconds):
        if isinstance(result, Digest):
            store.remember(asset, _TOPIC, result.value.encode("ascii"))
        progress.step(asset.path)

    def known() -> Iterator[tuple[Examination, tuple[Match, ...]]]:
        for seen, matches in recognition.pairs():
            sampled = seen.digest is None or seen.digest.algorithm != WHOLE
            value = store.recall(seen.asset, _TOPIC) if sampled else None
            yield replace(seen, whole=Digest(algorithm=WHOLE, value=value.decode("ascii"))) if value else seen, matches

    return known


def _is_sampled(seen: Examination) -> bool:
    return seen.digest is not None and seen.digest.algorithm != WHOLE


def _states_ai(seen: Examination, judgement: Judgement) -> bool:
    found = judgement.engine.detect((*seen.evidence, state_name(seen))).findings
    return any(finding.claim in (*AI_CLAIMS, Claim.POSSIBLE) for finding in found)


def _digest(asset: Asset) -> Digest | None:
    try:
        return digest_asset(asset, DigestMode.FULL)
    except MediaError:
        return None
