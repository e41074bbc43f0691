"""The review at the desk in a real browser: player, slider, overlay, decisions by keyboard alone, two windows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.desk.job import DeskJob
from scanner.desk.server import DeskServer
from tests.browser.test_desk import at, faults_of, shows, wait_for
from tests.e2e.demo import Scanned, made_delivery
from tests.scanner.desk.serving import serve_desk

pytestmark = pytest.mark.browser
MASTER = "01_Masters/LC_EP101_MASTER_2398_0100.mov"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskServer]:
    with serve_desk(tmp_path / "desk") as server:
        yield server


@pytest.fixture
def job(desk: DeskServer, scanned: Scanned, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> DeskJob:
    """The demo delivery, scanned."""
    shelf = desk.desk.jobs
    job = shelf.make_job((made_delivery(tmp_path_factory.getbasetemp()),))
    shutil.copytree(scanned.folder, job.scanned)
    choices = replace(job.choices, policy=("netflix-2025",))
    return shelf.save_job(replace(job, out=str(tmp_path / "out"), choices=choices))


@pytest.fixture
def page(browser, desk: DeskServer, job: DeskJob):
    """The browser at the first file to decide."""
    browser.get_log("browser")
    browser.get(desk.desk.keys.address(f"/jobs/{job.id}/review"))
    wait_for(lambda: shows(browser, ".subject h1"))
    yield browser
    browser.get("about:blank")


def press(page, keys: str) -> None:
    page.switch_to.active_element.send_keys(keys)


def text(page, selector: str) -> str:
    return page.find_element("css selector", selector).text


def holds(page, selector: str, words: str) -> bool:
    """Whether an element has the words, asked in one step: the page may be another one in between."""
    script = "return Boolean(document.querySelector(arguments[0])?.innerText.includes(arguments[1]))"
    return page.execute_script(script, selector, words)


def test_the_seconds_around_a_finding_play_and_step_by_frames(page) -> None:
    assert text(page, ".subject h1") == MASTER
    press(page, "p")
    wait_for(lambda: "frame" in text(page, "#label"))
    first = text(page, "#label")
    assert "the finding" in first
    wait_for(lambda: page.execute_script("return document.getElementById('frame').naturalWidth") > 100)
    press(page, ".")
    second = text(page, "#label")
    assert int(second.split("frame ")[1].split()[0]) == int(first.split("frame ")[1].split()[0]) + 1
    press(page, ",")
    assert text(page, "#label") == first
    press(page, " ")
    wait_for(lambda: text(page, "#label") != first)
    refused = [one for one in page.get_log("browser") if one["level"] == "SEVERE"]
    assert refused == []


def test_a_match_is_compared_by_slider_blink_and_outline(page) -> None:
    press(page, "c")

    def widths() -> list[int]:
        return [
            page.execute_script("return document.getElementById(arguments[0]).naturalWidth", name)
            for name in ("under", "over")
        ]

    # The two pictures load apart from each other: a width of 0 is a picture that has not arrived.
    wait_for(lambda: min(widths()) > 100)
    compare = page.find_element("id", "compare")
    assert widths()[0] == widths()[1]
    compare.send_keys("\ue012")  # arrow left
    assert compare.get_attribute("aria-valuenow") == "45"
    press(page, "b")
    wait_for(lambda: compare.get_attribute("aria-valuenow") == "0")
    press(page, "s")
    assert compare.get_attribute("aria-valuenow") == "50"
    press(page, "z")
    assert "zoomed" in compare.get_attribute("class")


def test_a_decision_by_keyboard_is_judged_at_once_and_undone(page, job: DeskJob) -> None:
    before = text(page, ".bar .headline")
    press(page, "d")
    press(page, "\ue015")  # arrow down: the second choice
    for words in ("Ada Example", "Supervisor", "", "", "", "it is meant so"):
        press(page, "\ue004")
        if words:
            press(page, words)
    if not page.find_element("css selector", ".decision textarea").get_attribute("value"):
        page.find_element("css selector", ".decision textarea").send_keys("it is meant so")
    page.find_element("css selector", ".decision button.main").send_keys("\ue007")
    wait_for(lambda: holds(page, ".decided", "it is meant so"))
    assert job.waivers_file.exists()
    assert text(page, ".bar .headline") != before
    page.find_element("tag name", "body").send_keys("u")
    wait_for(lambda: not shows(page, ".decided"))
    assert text(page, ".bar .headline") == before


def test_the_second_of_two_windows_sees_what_the_first_decided(page) -> None:
    place = page.current_url
    page.switch_to.new_window("tab")
    try:
        page.get(place)
        page.find_element("css selector", "form[action$=comment] input[name=name]").send_keys("B. Other")
        page.find_element("css selector", "form[action$=comment] textarea").send_keys("look at the hand")
        page.find_element("css selector", "form[action$=comment] button").send_keys("\ue007")
        wait_for(lambda: holds(page, ".subject", "look at the hand"))
    finally:
        page.close()
        page.switch_to.window(page.window_handles[0])
    page.find_element("css selector", "form[action$=comment] input[name=name]").send_keys("Ada Example")
    page.find_element("css selector", "form[action$=comment] textarea").send_keys("my words")
    page.find_element("css selector", "form[action$=comment] button").send_keys("\ue007")
    wait_for(lambda: holds(page, ".fault", "another window decided"))
    assert holds(page, ".subject", "look at the hand")


def test_keys_step_through_the_files(page) -> None:
    first = page.current_url
    press(page, "j")
    wait_for(lambda: page.current_url != first)
    page.find_element("tag name", "body").send_keys("k")
    wait_for(lambda: at(page, first))
    page.find_element("tag name", "body").send_keys("?")
    wait_for(lambda: shows(page, "dialog[open]"))


def test_the_review_is_accessible(page) -> None:
    axe = Path(pytest.importorskip("axe_core_python").__file__).with_name("axe.min.js").read_text("utf-8")
    press(page, "p")
    wait_for(lambda: "frame" in text(page, "#label"))
    assert faults_of(page, axe) == []
