"""The screenshots of README and pages: `python -m docs.screenshots` scans the demo and photographs its HTML report and
the desk.

Needs Chromium and its driver; without them the pictures stay as they are.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PIL import Image

from fixtures.delivery import delivery
from scanner.config import Config
from scanner.desk.server import DeskServer
from scanner.desk.shelf import JobShelf
from scanner.pipeline import Output, run_scan

HERE: Final = Path(__file__).parent
WIDTH: Final = 1120
SHOTS: Final = (
    ("report.png", "header", "#todo .entry:nth-of-type(3)", False),
    ("report-timeline.png", "#timelines", ".strip:nth-of-type(2)", False),
    ("report-evidence.png", "article.file", "article.file .finding:nth-of-type(4)", False),
    ("report-dark.png", "article.file:nth-of-type(5)", "article.file:nth-of-type(6)", True),
)
"""File, the first and the last element that are shown, and whether in the dark."""
_BOX: Final = """
const [first, last] = [...arguments].map((it) => document.querySelector(it).getBoundingClientRect());
return [first.top + scrollY - 12, last.bottom - first.top + 24];
"""
_DAY: Final = "2026-11-30T18:00:00+00:00"
_SETTLED: Final = """
const done = arguments[0];
const look = () => (document.querySelector(".waiting") ? setTimeout(look, 200) : setTimeout(done, 300));
look();
"""
_PLAYER_READY: Final = """
const done = arguments[0];
const frame = document.getElementById("frame");
const look = () => (frame.naturalWidth ? setTimeout(done, 300) : setTimeout(look, 200));
look();
"""


def main() -> int:
    """Write the pictures; 0 also where there is no browser."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (browser and driver):
        print("Screenshots left as they are: no chromium and chromedriver on PATH", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        delivery(work / "EP101")
        config = Config(policy=("netflix-2025",), cache=str(work / "cache"), fail_on="never")
        run_scan([work / "EP101"], config, Output(folder=work / "report", formats=("html",))).close()
        _photograph(work / "report" / "report.html", browser, driver, work / "profile")
        _photograph_desk(work, browser, driver)
    return 0


def _photograph_desk(work: Path, browser: str, driver: str) -> None:
    """The pages of the desk. Its folders have the same names each time: a picture changes where the page does."""
    house = Path(tempfile.gettempdir(), "production")
    shutil.rmtree(house, ignore_errors=True)
    try:
        shutil.copytree(work / "EP101", house / "EP101")
        shutil.copytree(work / "report", house / "REPORT")
        jobs = JobShelf(house / "settings", house / "work", house / "Documents")
        server = DeskServer(jobs)
        running = threading.Thread(target=server.serve, args=(lambda _: None,))
        running.start()
        scanned, new = jobs.open_run(house / "REPORT"), jobs.make_job((house / "EP101",))
        jobs.save_job(replace(scanned, made=_DAY))
        jobs.save_job(replace(new, made=_DAY, out=str(house / "Documents" / "EP101")))
        pages = {
            "desk-start.png": "/",
            "desk-folders.png": f"/jobs/{new.id}/folders",
            "desk-sign.png": f"/jobs/{scanned.id}/sign",
        }
        with _opened(browser, driver, work / "desk-profile") as page:
            page.set_window_size(1280, 860)
            page.get(server.desk.keys.address())
            for name, path in pages.items():
                page.get(f"{server.desk.keys.origin}{path}")
                page.execute_async_script(_SETTLED)
                _save(page, HERE / name)
            shutil.copytree(work / "report", new.scanned)
            page.get(f"{server.desk.keys.origin}/jobs/{new.id}/review")
            page.find_element("tag name", "body").send_keys("p")
            page.execute_async_script(_PLAYER_READY)
            _save(page, HERE / "desk-review.png")
    finally:
        server.end()
        running.join()
        shutil.rmtree(house, ignore_errors=True)


@contextmanager
def _opened(browser: str, driver: str, profile: Path) -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    opened = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield opened
    finally:
        opened.quit()


def _photograph(page: Path, browser: str, driver: str, profile: Path) -> None:
    with _opened(browser, driver, profile) as opened:
        for name, first, last, is_dark in SHOTS:
            scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
            opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
            opened.get(page.as_uri())
            _write(opened, HERE / name, first, last)


def _write(opened: Any, target: Path, first: str, last: str) -> None:
    """Of few colours, which is a tenth of the bytes; only where it is another picture."""
    opened.execute_script("document.querySelectorAll('img').forEach((it) => { it.loading = 'eager'; })")
    opened.execute_script("document.querySelector('.filter').hidden = true")  # it would lie over what is scrolled to
    # What is out of sight is not drawn: the window takes the size of the part, which moves what stands above.
    for _ in range(3):
        top, height = opened.execute_script(_BOX, first, last)
        size = {"width": WIDTH, "height": round(height), "deviceScaleFactor": 1, "mobile": False}
        opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        opened.execute_script("scrollTo({top: arguments[0], behavior: 'instant'})", max(top, 0))
        opened.execute_async_script("setTimeout(arguments[0], 400)")
    _save(opened, target)


def _save(opened: Any, target: Path) -> None:
    shot = opened.execute_cdp_cmd("Page.captureScreenshot", {})
    with Image.open(io.BytesIO(base64.b64decode(shot["data"]))) as image:
        data = io.BytesIO()
        image.convert("RGB").quantize(192).save(data, "PNG", optimize=True)
    if not target.exists() or target.read_bytes() != data.getvalue():
        target.write_bytes(data.getvalue())
        print(f"Written: {target.name}, {len(data.getvalue()) / 1e3:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
