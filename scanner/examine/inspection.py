"""A run's examinations: discovered, made where they are missing, verified against lists, kept in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from media.digest import DigestMode
from media.identify import VERSION as IDENTIFY
from media.work import Executor, Lost, create_executor
from media.work.folders import Folder
from scanner.config import Config
from scanner.discover.discover import DiscoverSettings, Patterns, discover
from scanner.discover.formats import FileIdentify, Identify, SealedIdentify
from scanner.examinations import Examinations, HeldExaminations
from scanner.examine.decoding import MARKED
from scanner.examine.examine import ExamineSettings, examine, limit_seconds, lost, toolset
from scanner.examine.integrity import Lists
from scanner.examine.job import ExaminationJob, examine_and_verify
from scanner.examine.store import Store
from scanner.examine.verify import Check, verify
from scanner.model import Asset, Category, Examination, Kind
from scanner.progress import Progress
from scanner.readers import ReadSettings
from scanner.readers.c2pa import check_anchors

__all__ = ["discover_settings", "examine_settings", "executor_of", "identify_of", "inspect", "inspect_now", "roots_of"]


_TOGETHER = 100
"""Assets that the store is asked for at once."""


def inspect(
    paths: Sequence[Path],
    config: Config,
    store: Store,
    progress: Progress,
    *,
    patterns: Patterns | None = None,
    retry: bool = False,
) -> Examinations:
    """Examine and verify every file under the paths; returns the examinations, in order.

    `patterns` note each match.
    """
    packages = _enlist_all(paths, config, store, patterns, progress, retry=retry)
    lists = _examine_all(packages, config, store, progress, retry=retry)
    return _verify_all(lists, store, config, progress, retry=retry)


def inspect_now(path: Path, config: Config, settings: ExamineSettings) -> HeldExaminations:
    """Examine one path now and return its examinations, which are kept nowhere."""
    assets = list(discover([path], discover_settings(config), identify_of(config)))
    work = partial(examine, settings=settings)
    results = {
        asset: lost(asset, result.code, result.message) if isinstance(result, Lost) else result
        for asset, result in executor_of(config).run(
            work,
            assets,
            limit=lambda asset: limit_seconds(asset, settings),
            needs=lambda asset: _needs(asset, settings),
        )
    }
    return HeldExaminations([results[asset] for asset in assets])


def _enlist_all(
    paths: Sequence[Path], config: Config, store: Store, patterns: Patterns | None, progress: Progress, *, retry: bool
) -> list[Asset]:
    """Every asset into the run; returns the packages that are to be examined: they hold the lists of the others."""
    tools, packages = toolset(examine_settings(config)), []
    progress.stage("Finding")
    found = discover(paths, discover_settings(config), store.formats(identify_of(config), IDENTIFY), patterns)
    while some := list(islice(found, _TOGETHER)):
        for asset, is_known in zip(some, store.enlist(some, tools, retry=retry), strict=True):
            if not is_known and asset.kind is Kind.PACKAGE:
                packages.append(asset)
            progress.step(asset.path)
    return packages


def _examine_all(packages: list[Asset], config: Config, store: Store, progress: Progress, *, retry: bool) -> Lists:
    """The examinations that are missing, into the store: packages first, then all that their lists may name."""
    settings = examine_settings(config)
    tools = toolset(settings)

    def run(jobs: Iterable[ExaminationJob]) -> None:
        work = partial(examine_and_verify, settings=settings)
        for job, result in executor_of(config).run(
            work,
            jobs,
            limit=lambda job: limit_seconds(job.asset, settings),
            needs=lambda job: _needs(job.asset, settings),
        ):
            if isinstance(result, Lost):
                store.put(lost(job.asset, result.code, result.message), tools)
            else:
                seen, verified = result
                store.keep(job.asset, seen, tools)
                if job.check is not None and verified is not None:
                    store.keep(job.asset, verified, job.check.toolset)
            progress.step(job.asset.path, work=job.asset.size)

    progress.stage("Examining", store.run.count_waiting(), work=sum(asset.size for asset in store.run.waiting()))
    run(ExaminationJob(asset, None) for asset in packages)
    listed, played = partial(store.listed, toolset=tools), partial(store.played, toolset=tools)
    lists = Lists.of(store.examinations(_is_package), listed, played)
    run(ExaminationJob(asset, _missing(lists.check(asset), store, retry=retry)) for asset in store.run.waiting())
    return lists


def _is_package(asset: Asset) -> bool:
    return asset.kind is Kind.PACKAGE


def _missing(check: Check | None, store: Store, *, retry: bool) -> Check | None:
    """A check whose result is not known."""
    return None if check is None or store.get(check.asset, check.toolset, retry=retry) is not None else check


def _verify_all(lists: Lists, store: Store, config: Config, progress: Progress, *, retry: bool) -> Examinations:
    """What lists name and was examined before is verified; returns the run's examinations with what came of it."""
    tools: dict[tuple[str, str], str] = {}

    def missing() -> Iterator[Check]:
        for check in lists.checks(store.run.assets()):
            tools[check.asset.root, check.asset.path] = check.toolset
            known = store.get(check.asset, check.toolset, retry=retry)
            if known is None:
                yield check
            else:
                lists.count(known)

    progress.stage("Verifying digests")
    for check, result in executor_of(config).run(
        verify, missing(), limit=lambda check: limit_seconds(check.asset), needs=lambda check: roots_of(check.asset)
    ):
        seen = lost(check.asset, result.code, result.message) if isinstance(result, Lost) else result
        store.put(seen, check.toolset)
        lists.count(seen)
        progress.step(check.asset.path)
    return _Verified(store, lists, tools)


@dataclass(frozen=True, slots=True)
class _Verified:
    """The run's examinations, each with what the lists of the delivery say of it."""

    store: Store
    lists: Lists
    tools: Mapping[tuple[str, str], str]
    """Root and path of what is listed → the toolset under which the store has what came of it."""

    def assets(self) -> Iterator[Asset]:
        """See `Examinations.assets`."""
        return self.store.run.assets()

    def __call__(
        self, wanted: Callable[[Asset], bool] | None = None, *, first: Kind | None = None
    ) -> Iterator[Examination]:
        """See `Examinations`."""
        for seen in self.store.examinations(wanted, first=first):
            check = self.tools.get((seen.asset.root, seen.asset.path))
            compared = self.store.get(seen.asset, check) if check is not None else None
            evidence = (*(compared.evidence if compared else ()), *self.lists.absence(seen.asset))
            problems = (*(compared.problems if compared else ()), *self.lists.problems(seen.asset))
            if evidence or problems:
                base = len(seen.evidence)
                numbered = (replace(item, id=f"e{base + n}") for n, item in enumerate(evidence, 1))
                yield replace(seen, evidence=(*seen.evidence, *numbered), problems=(*seen.problems, *problems))
            else:
                yield seen


def executor_of(config: Config) -> Executor:
    """The executor that the configuration names."""
    return create_executor(
        config.executor, jobs=config.jobs or None, memory_limit=config.memory_limit, scheduler=config.scheduler or None
    )


def roots_of(asset: Asset) -> Iterator[Folder]:
    """The folder of an asset's root, which every machine that works on the asset must see."""
    yield Folder(asset.location)


def _needs(asset: Asset, settings: ExamineSettings) -> Iterator[Folder]:
    """Without which an asset cannot be examined: its root, and the folders of trust anchors."""
    yield from roots_of(asset)
    yield from (Folder(str(Path(file).parent)) for file in settings.reading.trust_anchors)


def identify_of(config: Config) -> Identify:
    """How files are identified: in the sealed worker, unless everything is to run in this process."""
    return FileIdentify() if config.executor == "serial" else SealedIdentify()


def discover_settings(config: Config) -> DiscoverSettings:
    """The configuration's settings for discovery."""
    return DiscoverSettings(
        include=config.include,
        exclude=config.exclude,
        categories=config.categories,
        min_frames=config.sequence_minimum,
    )


def _absolute(files: Iterable[str]) -> tuple[str, ...]:
    """Paths that hold in the working folders of other machines too."""
    return tuple(str(Path(file).absolute()) for file in files)


def examine_settings(config: Config) -> ExamineSettings:
    """The configuration's settings for examination. Raises `ConfigError` for an invalid trust anchor."""
    check_anchors(config.trust_anchors)
    return ExamineSettings(
        reading=ReadSettings(trust_anchors=_absolute(config.trust_anchors), verify_limit=config.verify_limit),
        digest=DigestMode(config.digest),
        watermarks=tuple(Category(word) for word in config.watermarks),
        marks=tuple(sorted(MARKED[config.marks])),
    )
