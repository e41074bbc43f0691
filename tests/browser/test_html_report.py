"""The HTML report in a real browser: it shows, filters and runs nothing that came out of a file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from scanner.model import Outcome, Record
from scanner.records.summary import Summary, tally
from scanner.reports.components.anchors import file_anchor
from scanner.reports.html import HtmlReport
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, quiet, stopped, summed

pytestmark = pytest.mark.browser


class Teal:
    """Pictures of a run: every one is drawn, and teal."""

    def __init__(self) -> None:
        file = io.BytesIO()
        Image.new("RGB", (320, 180), "teal").save(file, "JPEG")
        self.data = file.getvalue()

    def size(self, name: str) -> int:
        return len(self.data) if name else 0

    def read(self, name: str) -> bytes:
        return self.data if name else b""


def write_page(folder: Path, records: tuple[Record, ...], summary: Summary | None = None) -> Path:
    target = folder / "report.html"
    target.write_text("".join(HtmlReport(Teal()).render(summary or summed(records), lambda: records)), "utf-8")
    return target


@pytest.fixture
def page(browser, tmp_path: Path):
    browser.get(write_page(tmp_path, RECORDS).as_uri())
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


def test_a_copy_of_the_one_file_elsewhere_shows_its_pictures(browser, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "mailed").mkdir()
    write_page(tmp_path / "made", RECORDS).rename(tmp_path / "mailed" / "copy of report.html")
    browser.get((tmp_path / "mailed" / "copy of report.html").as_uri())
    browser.execute_script("document.querySelectorAll('img').forEach((it) => { it.loading = 'eager'; })")
    browser.execute_async_script("setTimeout(arguments[0], 500)")
    assert browser.execute_script("return [...document.images].map((it) => it.naturalWidth)") == [320] * 6


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("text", "euler a", 1),
        ("text", "no such words", 0),
        ("kind", "video", 2),
        ("rule", "netflix.enhanced", 1),
        ("rule", "netflix.contains-in-final", 1),
        ("rule", "netflix.altered-archival-fiction", 1),
    ],
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
    first = page.find_element("css selector", "article.file details")
    page.execute_script("arguments[0].querySelector('summary').focus()", first)
    page.switch_to.active_element.send_keys("\n")
    assert first.get_attribute("open")
    assert "Negative prompt: text" in first.find_element("css selector", "pre").text


@pytest.mark.parametrize("width", [320, 390, 800, 1300, 1920])
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


def target(page) -> str:
    """The place that the address of the page leads to, if it is in view."""
    page.execute_async_script("setTimeout(arguments[0], 200)")
    return page.execute_script(
        "const it = document.getElementById(location.hash.slice(1)); const box = it?.getBoundingClientRect();"
        "return box && box.bottom > 0 && box.top < innerHeight ? it.textContent : ''"
    )


def test_a_finding_on_the_timeline_leads_to_its_evidence_also_where_it_is_filtered_out(page) -> None:
    fill(page, "text", "no such words")
    bars = page.find_elements("css selector", ".strip svg a")
    assert [bar.get_attribute("aria-label").split(":")[0] for bar in bars] == ["blocker", "fyi"]
    bars[0].click()
    assert "contains AI-made material" in target(page)
    assert len(shown(page)) == len(RECORDS)
    page.execute_script("arguments[0].focus()", page.find_elements("css selector", ".strip svg a")[1])
    page.switch_to.active_element.send_keys("\n")
    assert "reframed match with ARC-014" in target(page)


def test_a_file_of_what_to_do_leads_to_its_card(page) -> None:
    page.find_element("css selector", "#todo a[href^='#file-']").click()
    assert "art/keyart_final.png" in page.execute_script(
        "return document.querySelector(':target').closest('.file').innerText"
    )


def test_the_address_of_a_file_that_passes_unfolds_the_list(browser, tmp_path: Path) -> None:
    address = write_page(tmp_path, RECORDS).as_uri()
    browser.get("about:blank")
    browser.get(f"{address}#{file_anchor(RECORDS[0])}")
    assert "picture/slate.png" in target(browser)
    assert browser.find_element("css selector", "details.others").get_attribute("open")


def test_the_keyboard_reaches_all_and_begins_with_a_way_past_the_head(page) -> None:
    page.find_element("css selector", "body").send_keys("\t")
    assert page.switch_to.active_element.get_attribute("class") == "skip"
    page.switch_to.active_element.send_keys("\n\t")
    assert page.execute_script("return document.activeElement.closest('#work') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1300])
def test_axe_finds_no_fault_of_accessibility(page, width: int, scheme: str) -> None:
    axe = Path(pytest.importorskip("axe_core_python").__file__).with_name("axe.min.js").read_text("utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        page.execute_script("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
        # Not as a script of the page, which the page's own policy forbids.
        page.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
        faults, held = page.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then((found) => done(["
            "found.violations.map((one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html)]),"
            "found.passes.length]))"
        )
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert faults == []
    assert held > 20, "rules that apply and hold"


def printed(browser) -> list[str]:
    """The content of each page on A4."""
    data = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    with pikepdf.open(io.BytesIO(base64.b64decode(data))) as document:
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in document.pages}
        assert sizes == {(595, 842)}, "A4 upright"
        return [page.obj.Contents.read_bytes().decode("latin-1") for page in document.pages]


def test_on_paper_it_has_a_layout_of_its_own(browser, tmp_path: Path) -> None:
    browser.get(write_page(tmp_path, RECORDS).as_uri())
    pages = printed(browser)
    assert len(pages) <= 5
    assert sum(len(re.findall(r"/X\d+ Do\b", content)) for content in pages) == 6, "pictures that were out of sight too"
    records = tuple(stopped(f"art/{number:03}.png", number) for number in range(60))
    browser.get(write_page(tmp_path, records).as_uri())
    pages = printed(browser)
    assert len(pages) <= 18, "more than three files with findings a page"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        hidden = browser.execute_script("return getComputedStyle(document.querySelector('.filter')).display")
        columns = browser.execute_script(
            "return getComputedStyle(document.querySelector('.counts ul')).gridTemplateColumns"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (hidden, len(columns.split())) == ("none", 5), "not the layout of a telephone"
