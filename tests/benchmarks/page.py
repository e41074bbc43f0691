"""`python -m tests.benchmarks.page REPORT [--write]`: how large `report.html` is, and how soon it is seen.

REPORT is the output folder of a scan with pictures, such as the demo's. Its files are repeated as episodes up to a number
of assets, of which some are flagged; each repeated file has a picture of one of the originals. Each page is opened
in a headless Chromium: the first paint, the end of loading, and an answer of the filter, the median of three.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path
from typing import Final

from scanner.model import Outcome, Record
from scanner.records.records import StoredRecords
from scanner.records.summary import tally
from scanner.reports.html import HtmlReport
from scanner.reports.pictures.pictures import PictureFolder
from tests.benchmarks.measure import machine, written
from tests.benchmarks.table import table
from tests.scanner.reports.handmade import PROVENANCE

PAGE: Final = Path(__file__).parents[2] / "docs/exports.md"
RUNS: Final = 3
SIZES: Final = ((60, 36), (2_400, 600), (10_000, 2_000))
"""Assets, and those of them that do not pass."""
_PAINT: Final = """
const done = arguments[0];
const wait = () => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const load = performance.getEntriesByType('navigation')[0].loadEventEnd;
  if (paint && load) done([paint.startTime, load]); else setTimeout(wait, 20);
};
wait();
"""
_FILTER: Final = """
const [done] = arguments; const form = document.querySelector('form.filter'); const start = performance.now();
new MutationObserver(() => { document.body.offsetHeight; done(performance.now() - start); })
  .observe(form.querySelector('output'), {childList: true, characterData: true, subtree: true});
form.elements.text.value = 'concept_0'; form.dispatchEvent(new Event('input', {bubbles: true}));
"""


class RepeatedPictures:
    """Every picture that is asked for is one of a folder: a pair for a match, a thumbnail for a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = PictureFolder(folder)
        names = sorted(path.name for path in folder.glob("*.jpg"))
        self._pairs, self._files = ([it for it in names if ("-" in it) is pair] for pair in (True, False))

    def size(self, name: str) -> int:
        """See `Pictures`."""
        return self._folder.size(self._one(name))

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        return self._folder.read(self._one(name))

    def _one(self, name: str) -> str:
        among = self._pairs if "-" in name and self._pairs else self._files
        return among[int(name[:8], 16) % len(among)]


def repeated(records: Iterable[Record], assets: int, flagged: int) -> Iterator[Record]:
    """So many records, of which so many do not pass, each under a root and a content of its own."""
    known = list(records)
    acting = [one for one in known if one.verdict.outcome is not Outcome.PASS]
    quiet = [one for one in known if one.verdict.outcome is Outcome.PASS]
    for several, number in ((acting, flagged), (quiet, assets - flagged)):
        numbers = (episode for episode in count(1) for _ in several)
        for record, episode in islice(zip(cycle(several), numbers, strict=False), number):
            yield _episode(record, episode)


def _episode(record: Record, episode: int) -> Record:
    seen, digest = record.examination, record.examination.digest
    asset = replace(seen.asset, root=f"EP{episode:03}")
    own = replace(digest, value=f"{episode:08x}{digest.value[8:]}") if digest else None
    return replace(record, examination=replace(seen, asset=asset, digest=own))


def measured(report: Path, work: Path) -> Iterator[tuple[str, ...]]:
    """A row for each size."""
    stored = StoredRecords(report / "records.jsonl")
    pictures = RepeatedPictures(report / "pictures")
    for assets, flagged in SIZES:
        records = tuple(repeated(stored(), assets, flagged))
        summary = tally(records).summary(PROVENANCE, fail_on=Outcome.ISSUE)
        target, began = work / "report.html", time.process_time()
        with target.open("w", encoding="utf-8") as file:
            file.writelines(HtmlReport(pictures).render(summary, lambda records=records: records))
        took = time.process_time() - began
        text = target.read_text("utf-8")
        inside = text.count('src="data:image/jpeg')
        findings = sum(len(one.findings) + len(one.matches) for one in records[:flagged])
        paints, loads, filters = zip(*(_opened(target, work) for _ in range(RUNS)), strict=True)
        yield (
            f"{assets:,}", f"{flagged:,}", f"{findings:,}", f"{inside:,}", f"{target.stat().st_size / 1e6:.1f}",
            f"{took:.1f}", *(f"{statistics.median(one) / 1000:.2f}" for one in (paints, loads, filters)),
        )  # fmt: skip


def _opened(page: Path, work: Path) -> tuple[float, float, float]:
    """Milliseconds to the first paint, to the end of loading, and of a filter by text, in a new browser."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    profile = tempfile.mkdtemp(dir=work)
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1300,1000",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.set_script_timeout(60)
        driver.get(page.as_uri())
        paint, load = driver.execute_async_script(_PAINT)
        return paint, load, driver.execute_async_script(_FILTER)
    finally:
        driver.quit()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.page", description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write it into {PAGE.name} too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        rows = list(measured(asked.report, Path(work)))
    heads = ("assets", "do not pass", "findings in them", "pictures inside", "MB", "s of processor to write",
             "s to first paint", "s to load", "s to filter by text")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    text = f"{table(heads, rows)}\n{machine()}. Chromium, the median of {RUNS}; peak of memory {peak:,.0f} MB.\n"
    print(text)
    if asked.write:
        written(PAGE, "page", text)


if __name__ == "__main__":
    main()
