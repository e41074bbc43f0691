"""The desk in a real browser: the whole job by keyboard alone, stop and resume, two tabs, strangers, accessibility."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fixtures.marks import a1111
from scanner.audit.audit import run_audit
from scanner.config import Config
from scanner.desk.server import DeskServer
from scanner.desk.windows import OpenWindows
from scanner.pipeline import Output
from scanner.settings import Origins
from scanner.several.order import ScanOrder
from tests.scanner.desk.serving import serve_desk
from tests.scanner.stills import chunk, png

pytestmark = pytest.mark.browser

PATIENCE = 120
TAB, ENTER, SPACE, DOWN = "\ue004", "\ue007", " ", "\ue015"
HOSTILE = '"><img src=x onerror="window.owned=1"><script>window.owned=1<'


def wait_for(happened: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskServer]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serve_desk(tmp_path / "desk") as server:
        yield server


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """A picture that states that it was generated, in a folder whose name says nothing."""
    folder = tmp_path / "EP101"
    (folder / "Odd Name").mkdir(parents=True)
    (folder / "Odd Name" / "key.png").write_bytes(png(chunk(b"tEXt", b"parameters\0" + a1111().encode("latin-1"))))
    return folder


@pytest.fixture
def page(browser, desk: DeskServer):
    """The browser at the first page. It leaves for an empty page before the desk ends."""
    browser.get_log("browser")
    browser.get(desk.desk.keys.address())
    yield browser
    browser.get("about:blank")


class Keyboard:
    """Keys only. What has the focus is what a person would see outlined."""

    def __init__(self, page) -> None:
        self.page = page

    def press(self, keys: str) -> None:
        self.page.switch_to.active_element.send_keys(keys)

    def go(self, selector: str) -> Any:
        """Press Tab until what matches has the focus."""
        for _ in range(200):
            if self.page.execute_script("return document.activeElement.matches(arguments[0])", selector):
                return self.page.switch_to.active_element
            self.press(TAB)
        raise AssertionError(f"no key leads to {selector}")


def at(page, end: str) -> bool:
    return page.current_url.endswith(end)


def shows(page, selector: str) -> bool:
    return bool(page.find_elements("css selector", selector))


def test_from_an_unknown_delivery_to_a_signed_report_by_keyboard_alone(page, desk: DeskServer, delivery: Path) -> None:
    before = sorted(path.name for path in delivery.rglob("*"))
    keyboard = Keyboard(page)
    keyboard.press(f"{delivery}{ENTER}")
    wait_for(lambda: at(page, "/choose"))
    keyboard.go("input[value=netflix-2025]").send_keys(SPACE)
    keyboard.go("input[name=formats][value=csv]").send_keys(SPACE)
    keyboard.go("form.choices button.main").send_keys(ENTER)
    wait_for(lambda: at(page, "/folders"))
    wait_for(lambda: shows(page, "tr.open"))
    keyboard.go("select[aria-label*='Odd Name']").send_keys("artwork")
    keyboard.go("#list button.main").send_keys(ENTER)
    wait_for(lambda: at(page, "/run"))
    keyboard.go("form[action$=start] button").send_keys(ENTER)
    wait_for(lambda: shows(page, ".result .headline"))
    assert page.find_element("css selector", ".headline").text.startswith("NOT READY")
    keyboard.go("a[href$='/sign']").send_keys(ENTER)
    wait_for(lambda: at(page, "/sign"))
    keyboard.go("input[name=decision]").send_keys(DOWN)  # deliver with exceptions: there is a blocker
    keyboard.go("input[name=name]").send_keys("Ada Example")
    keyboard.go("input[name=role]").send_keys(f"Supervisor{ENTER}")
    wait_for(lambda: page.find_elements("css selector", ".result .kicker")[0].text.upper() == "SIGNED")
    (job,) = desk.desk.jobs.list_jobs()
    signed = json.loads(Path(job.out, "summary.json").read_text("utf-8"))["signed"]
    assert signed["name"] == "Ada Example"
    assert "Ada Example" in Path(job.out, "report.html").read_text("utf-8")
    assert "Ada Example" in Path(job.out, "report.csv").read_text("utf-8")
    assert dict(job.choices.categories) == {"Odd Name/*": "artwork"}
    assert sorted(path.name for path in delivery.rglob("*")) == before
    refused = [one for one in page.get_log("browser") if one["level"] == "SEVERE"]
    assert refused == []


def test_a_folder_is_chosen_in_the_browser_of_folders_by_keyboard(page, delivery: Path) -> None:
    keyboard = Keyboard(page)
    keyboard.press(str(delivery.parent))
    keyboard.go("button.browse").send_keys(ENTER)
    wait_for(lambda: shows(page, "dialog[open] li button.folder"))
    names = {one.text for one in page.find_elements("css selector", "dialog li button.folder")}
    assert "EP101" in names
    while page.switch_to.active_element.text != "EP101":
        keyboard.press(TAB)
    keyboard.press(ENTER)
    wait_for(lambda: page.find_element("css selector", "dialog .path").text.endswith("EP101"))
    keyboard.go("dialog button.main").send_keys(ENTER)
    assert page.find_element("id", "path").get_attribute("value") == str(delivery)
    assert page.switch_to.active_element.get_attribute("id") == "path"


def begin(page, folder: Path) -> str:
    """The address of a new job."""
    page.find_element("id", "path").send_keys(f"{folder}{ENTER}")
    wait_for(lambda: at(page, "/choose"))
    return page.current_url.removesuffix("/choose")


def test_an_audit_opens_as_a_grid_and_its_cells_as_reviews_by_keyboard(page, delivery: Path) -> None:
    season, audit = delivery.parent / "season", delivery.parent / "AUDIT"
    season.mkdir()
    for name in ("EP1", f"EP2 {HOSTILE}".replace("/", "")):
        shutil.copytree(delivery, season / name)
    order = ScanOrder(out=audit, config=Config(matching="off"), output=Output(folder=audit), origins=Origins())
    run_audit(season, order)
    keyboard = Keyboard(page)
    keyboard.press(f"{audit}{ENTER}")
    wait_for(lambda: shows(page, "table.grid"))
    assert page.find_element("css selector", "table.jobs tbody button").text == "EP1"
    grid = page.current_url
    keyboard.go("td.hit.blocker button").send_keys(ENTER)
    wait_for(lambda: "/review/" in page.current_url)
    assert "key.png" in page.find_element("css selector", "main").text
    page.get(grid)
    keyboard.go("table.jobs tbody tr:nth-child(2) button").send_keys(ENTER)
    wait_for(lambda: "/review/" in page.current_url)
    assert page.execute_script("return window.owned") is None
    assert [one for one in page.get_log("browser") if one["level"] == "SEVERE"] == []


def test_a_scan_is_stopped_and_resumed(page, desk: DeskServer, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1500):
        (folder / f"{number}a.png").write_bytes(png(behind=bytes(number)))
    job = begin(page, folder)
    page.get(f"{job}/run")
    page.find_element("css selector", "form[action$=start] button").click()
    wait_for(lambda: shows(page, "#stages li"))
    page.find_element("id", "stop").click()
    wait_for(lambda: shows(page, "form[action$=start] button"))
    assert "stopped" in page.find_element("css selector", ".fault").text
    again = page.find_element("css selector", "form[action$=start] button")
    assert again.text == "Resume the scan"
    again.click()
    wait_for(lambda: shows(page, ".result .headline"))
    assert "1,500 files" in page.find_element("css selector", ".result").text
    assert desk.desk.runner.active is None


def test_two_tabs_lose_nothing(page, delivery: Path) -> None:
    job = begin(page, delivery)
    first = page.current_window_handle
    page.switch_to.new_window("tab")
    page.get(f"{job}/choose")
    page.find_element("css selector", "select[name=genre]").send_keys("fiction")
    page.find_element("css selector", "form.choices button.main").send_keys(ENTER)
    wait_for(lambda: at(page, "/folders"))
    page.close()
    page.switch_to.window(first)
    page.find_element("css selector", "select[name=genre]").send_keys("news")
    page.find_element("css selector", "form.choices button.main").send_keys(ENTER)
    conflict = wait_for(lambda: page.find_elements("css selector", ".fault"))[0]
    assert "another window changed this job" in conflict.text
    assert "genre news fiction" in " ".join(conflict.text.split())
    assert page.find_element("css selector", "select[name=genre]").get_attribute("value") == "news"


def test_a_hostile_delivery_shows_its_names_and_runs_nothing(page, desk: DeskServer, tmp_path: Path) -> None:
    folder = tmp_path / "EP<i>101" / HOSTILE.replace("/", "_")
    folder.mkdir(parents=True)
    words = f"{HOSTILE}\nSteps: 20, Sampler: {HOSTILE}, Version: v1.10.1"
    (folder / "a.png").write_bytes(png(chunk(b"tEXt", b"parameters\0" + words.encode("latin-1"))))
    page.get_log("performance")
    job = begin(page, folder.parent)
    page.get(f"{job}/folders")
    wait_for(lambda: shows(page, "#list table"))
    assert HOSTILE in page.find_element("css selector", "#list table").text
    page.get(f"{job}/run")
    page.find_element("css selector", "form[action$=start] button").click()
    wait_for(lambda: shows(page, ".result .headline"))
    for step in ("choose", "review", "sign"):
        page.get(f"{job}/{step}")
        assert page.execute_script("return [window.owned, document.querySelectorAll('img[src=x]').length]") == [None, 0]
        assert page.find_element("css selector", "nav .job").text == "EP<i>101"
    page.get(desk.desk.keys.origin)
    assert page.execute_script("return window.owned") is None
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = {one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"}
    assert asked
    strangers = {address for address in asked if not address.startswith(f"{desk.desk.keys.origin}/")}
    assert {address for address in strangers if not address.startswith("data:")} <= {"about:blank"}
    assert [one["message"] for one in page.get_log("browser") if "Content Security" in one["message"]] == []


@contextmanager
def stranger(markup: str) -> Iterator[str]:
    """The address of another server of this machine, with one page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(markup.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_of_another_server_reads_and_changes_nothing(page, desk: DeskServer, delivery: Path) -> None:
    origin, token = desk.desk.keys.origin, desk.desk.keys.token
    script = f"""
      window.done = (async () => {{
        const tried = [];
        for (const mode of ["cors", "no-cors"]) {{
          tried.push(await fetch("{origin}/", {{mode, credentials: "include"}}).then((it) => it.text(), () => "refused"));
          tried.push(await fetch("{origin}/begin", {{mode, credentials: "include", method: "POST",
            body: new URLSearchParams({{path: "{delivery}", token: "{token}"}})}}).then((it) => it.text(), () => "refused"));
        }}
        return tried;
      }})();
    """
    form = f'<form id="f" method="post" action="{origin}/begin"><input name="path" value="{delivery}"><input name="token" value="{token}"></form>'
    with stranger(f"{form}<iframe src='{origin}/'></iframe><script>{script}</script>") as address:
        page.get(address)
        tried = page.execute_async_script("window.done.then(arguments[0])")
        assert all("delivery" not in one.lower() for one in tried), tried
        page.execute_script("document.getElementById('f').submit()")
        wait_for(lambda: page.current_url == f"{origin}/begin")
        assert page.find_element("css selector", "body").text.startswith("Refused")
    assert desk.desk.jobs.list_jobs() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_of_accessibility_on_any_page(page, delivery: Path, scheme: str) -> None:
    axe = Path(pytest.importorskip("axe_core_python").__file__).with_name("axe.min.js").read_text("utf-8")
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        assert faults_of(page, axe) == []
        page.find_element("css selector", "button.browse").click()
        wait_for(lambda: shows(page, "dialog[open] li button"))
        assert faults_of(page, axe) == []
        page.find_element("css selector", "dialog .actions button:last-child").click()
        job = begin(page, delivery)
        assert faults_of(page, axe) == []
        page.get(f"{job}/folders")
        wait_for(lambda: shows(page, "#list table"))
        assert faults_of(page, axe) == []
        page.get(f"{job}/run")
        assert faults_of(page, axe) == []
        page.find_element("css selector", "form[action$=start] button").click()
        wait_for(lambda: shows(page, ".result .headline"))
        for step in ("run", "review", "sign", "nothing"):
            page.get(f"{job}/{step}")
            assert faults_of(page, axe) == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def faults_of(page, axe: str) -> list[Any]:
    page.execute_script("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    # Not as a script of the page, which the page's own policy forbids.
    page.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
    return page.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then((found) => done("
        "found.violations.map((one) => [one.id, ...one.nodes.slice(0, 3).map((node) => node.html)])))"
    )


def test_the_desk_ends_when_its_last_window_shows_something_else(page, desk: DeskServer) -> None:
    desk.desk.windows = OpenWindows(grace=2)
    page.refresh()
    wait_for(lambda: desk.desk.windows.were_seen)
    page.get(desk.desk.keys.origin)
    time.sleep(3)
    assert not desk.desk.is_ending, "another page of the desk is still the desk"
    page.get("about:blank")
    wait_for(lambda: desk.desk.is_ending)
