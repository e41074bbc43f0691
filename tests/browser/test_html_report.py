"""The HTML report in a real browser: it shows, filters and runs nothing that came out of a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from scanner.model import Outcome, Record
from scanner.records.summary import tally
from scanner.reports.html import HtmlReport
from scanner.reports.pictures.pictures import picture_name
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, quiet, stopped, summed

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium and chromedriver on PATH"),
]

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1300,1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, tmp_path: Path):
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (320, 180), "teal").save(tmp_path / "pictures" / picture_name(RECORDS[1]))
    text = "".join(HtmlReport().render(summed(), lambda: RECORDS))
    (tmp_path / "report.html").write_text(text, "utf-8")
    browser.get((tmp_path / "report.html").as_uri())
    return browser


def shown(page) -> list[str]:
    """The paths of the files that the filter leaves."""
    found = "[...document.querySelectorAll('.file:not([hidden]) :is(h3, .path)')].map((it) => it.textContent)"
    return page.execute_script(f"return {found}")


def fill(page, name: str, value: str) -> None:
    page.execute_script(
        "const form = document.querySelector('form.filter'); form.elements[arguments[0]].value = arguments[1];"
        "form.dispatchEvent(new Event('input', {bubbles: true}))",
        name,
        value,
    )
    page.execute_async_script("setTimeout(arguments[0], 200)")


def test_the_verdict_is_the_first_heading(page) -> None:
    assert page.find_element("css selector", "h1").text == (
        "NOT READY: 2 blockers, 2 issues; 2 files could not be inspected"
    )


def test_its_own_script_runs_and_no_other(page) -> None:
    assert page.find_element("css selector", "form.filter").is_displayed()
    assert page.execute_script("return document.scripts.length") == 1
    refused = [entry["message"] for entry in page.get_log("browser") if "ERR_FILE_NOT_FOUND" not in entry["message"]]
    assert refused == []


def test_pictures_show_where_they_are_and_leave_no_hole_where_not(page) -> None:
    page.execute_script("document.querySelectorAll('img').forEach((it) => { it.loading = 'eager'; })")
    page.execute_async_script("setTimeout(arguments[0], 500)")
    widths = page.execute_script("return [...document.images].map((it) => it.naturalWidth)")
    assert widths == [320]


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [("text", "euler a", 1), ("text", "no such words", 0), ("kind", "video", 2), ("rule", "netflix.enhanced", 1)],
)
def test_the_filter_leaves_what_fits(page, name: str, value: str, count: int) -> None:
    assert len(shown(page)) == len(RECORDS)
    fill(page, name, value)
    assert len(shown(page)) == count
    assert page.find_element("css selector", "output").text == f"{count} of {len(RECORDS)} shown"


def test_a_reason_leads_to_its_files(page) -> None:
    page.find_element("css selector", "button.rule[data-rule='netflix.generated-in-final']").click()
    assert shown(page) == ["art/keyart_final.png", "picture/EP101_v03.mov"]


def test_evidence_opens_by_keyboard(page) -> None:
    first = page.find_element("css selector", "article details")
    page.execute_script("arguments[0].querySelector('summary').focus()", first)
    page.switch_to.active_element.send_keys("\n")
    assert first.get_attribute("open")
    assert "Negative prompt: text" in first.find_element("css selector", "pre").text


@pytest.mark.parametrize("width", [390, 800, 1300])
def test_nothing_sticks_out_sideways(page, width: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_ten_thousand_files_are_filtered_while_one_types(browser, tmp_path: Path) -> None:
    def records() -> Iterator[Record]:
        yield from (stopped(f"art/{number:05}.png", number) for number in range(500))
        yield from (quiet(f"stills/{number:05}.png") for number in range(9_500))

    summary = tally(records()).summary(PROVENANCE, fail_on=Outcome.ISSUE)
    with (tmp_path / "report.html").open("w", encoding="utf-8") as file:
        file.writelines(HtmlReport().render(summary, records))
    browser.get((tmp_path / "report.html").as_uri())
    fill(browser, "text", "stills/00042")
    assert shown(browser) == ["stills/00042.png"]
    took = browser.execute_async_script(
        "const [done] = arguments; const form = document.querySelector('form.filter'); const start = performance.now();"
        "new MutationObserver(() => { document.body.offsetHeight; done(performance.now() - start); })"
        ".observe(form.querySelector('output'), {childList: true, characterData: true, subtree: true});"
        "form.elements.text.value = 'lighthouse'; form.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert browser.find_element("css selector", "output").text == "500 of 10,000 shown"
    assert took < 3000, "milliseconds, with room for a busy machine"
