"""The digests of whole contents that signatures ask for: of what is sampled, where a row or a waiver names content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from media.digest import WHOLE, Digest, DigestMode
from media.errors import MediaError
from scanner.conclude import Judgement
from scanner.config import Config
from scanner.digest import digest_asset
from scanner.examine import limit_seconds
from scanner.inspection import executor_of
from scanner.model import Asset, Examination
from scanner.progress import Progress
from scanner.store import Store

__all__ = ["digest_signed"]

Examinations = Callable[[], Iterable[Examination]]
_TOPIC = f"{WHOLE} of all/1"


def digest_signed(
    examinations: Examinations, judgement: Judgement, store: Store, config: Config, progress: Progress
) -> Examinations:
    """The same examinations, with the digest of all content where a row of the register or a waiver names content.

    Each is made once and kept in the store, until the asset changes. One that cannot be made binds nothing.
    """
    wanted = [
        seen.asset
        for seen in examinations()
        if (judgement.register.asks_whole(seen) or judgement.waivers.asks_whole(seen))
        and store.recall(seen.asset, _TOPIC) is None
    ]
    if wanted:
        progress.stage("Digesting what is signed", len(wanted))
    for asset, result in executor_of(config).run(_digest, wanted, limit=limit_seconds):
        if isinstance(result, Digest):
            store.remember(asset, _TOPIC, result.value)
        progress.step(asset.path)

    def known() -> Iterator[Examination]:
        for seen in examinations():
            sampled = seen.digest is None or seen.digest.algorithm != WHOLE
            value = store.recall(seen.asset, _TOPIC) if sampled else None
            yield replace(seen, whole=Digest(algorithm=WHOLE, value=value)) if value else seen

    return known


def _digest(asset: Asset) -> Digest | None:
    try:
        return digest_asset(asset, DigestMode.FULL)
    except MediaError:
        return None
