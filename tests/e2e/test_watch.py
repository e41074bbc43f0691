"""`provscan watch`: a drop folder as a service, in real processes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from media.errors import RunError
from media.work.sealed import sealed
from scanner.config import Config
from scanner.exit_codes import ExitCode
from scanner.pipeline import Output, Run
from scanner.settings import Origins
from scanner.several.order import ScanOrder
from scanner.watch import scanning
from scanner.watch.arrival import Arrival, ArrivalRule, Waiting, arrivals, look, missing_of_lists, why_not
from scanner.watch.hooks import Hooks
from scanner.watch.state import WatchStanding, WatchState, pause_after
from tests.e2e.conftest import Answer, Call
from tests.e2e.process import PATIENCE, provscan, start
from tests.e2e.stills import SETTINGS, still

QUICK = ("--matching", "off", "--executor", "serial", "--settle", "0.5", "--every", "0.2", "--format", "csv")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


class Service:
    """A watch in its own process group."""

    def __init__(self, inbox: Path, *more: str | Path) -> None:
        self.out = inbox.parent / "out"
        self._arguments = ("watch", inbox, "--out", self.out, *QUICK, "--cache", inbox.parent / "cache", *more)
        self.process = start(*self._arguments)

    def again(self) -> None:
        self.process = start(*self._arguments)

    def state(self) -> dict[str, Any]:
        try:
            return json.loads((self.out / "watch.json").read_text())
        except OSError:
            return {"deliveries": {}, "counters": {}}

    def until(self, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while not is_so(state := self.state()):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, state
            time.sleep(0.02)
        return state

    def until_done(self, *names: str) -> dict[str, Any]:
        return self.until(
            lambda state: all(state["deliveries"].get(name, {}).get("standing") == "done" for name in names)
        )

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def watching(inbox: Path) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def watch(*more: str | Path) -> Service:
        made.append(Service(inbox, *more))
        return made[-1]

    yield watch
    for service in made:
        service.end()


def test_each_delivery_is_scanned_once_it_stands_still_and_again_when_it_changes(
    inbox: Path, watching: Callable[..., Service], tmp_path: Path
) -> None:
    told = tmp_path / "told.txt"
    script = f"import sys, json; m = json.load(sys.stdin); open({str(told)!r}, 'a').write(m['headline'] + '|' + sys.argv[1] + '\\n')"
    (tmp_path / "hook.py").write_text(script)
    service = watching("--hook", f"{sys.executable} {tmp_path / 'hook.py'}")
    still(inbox / "EP1" / "Masters" / "harbour.png", words=SETTINGS)
    still(inbox / "poster.png")
    state = service.until_done("EP1", "poster.png")
    assert {name: one["exit_code"] for name, one in state["deliveries"].items()} == {"EP1": 1, "poster.png": 0}
    assert provscan("verify-report", service.out / "deliveries" / "EP1").returncode == 0
    shutil.copy(inbox / "poster.png", inbox / "EP1" / "Masters" / "added.png")
    state = service.until(lambda state: state["deliveries"]["EP1"]["scans"] == 2)
    assert state["counters"]["scanned"] == 3
    service.until_done("EP1")
    lines = told.read_text().splitlines()
    assert len(lines) == 3
    assert f"NOT READY: 1 blocker|{service.out / 'deliveries' / 'EP1'}" in lines
    assert not [path for path in inbox.rglob("*") if path.suffix not in (".png", "")]  # nothing is written there


def test_a_killed_watch_goes_on_and_scans_nothing_twice(inbox: Path, watching: Callable[..., Service]) -> None:
    still(inbox / "EP1" / "a.png")
    service = watching()
    service.until_done("EP1")
    for number in range(120):
        still(inbox / "EP2" / f"still_{number:03d}x.png", words=SETTINGS)
    service.until(lambda state: state["deliveries"].get("EP2", {}).get("standing") == "scanning")
    children = psutil.Process(service.process.pid).children(recursive=True)
    service.process.send_signal(signal.SIGKILL)
    service.process.communicate()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive
    service.again()
    state = service.until_done("EP1", "EP2")
    assert (state["deliveries"]["EP1"]["scans"], state["deliveries"]["EP2"]["scans"]) == (1, 1)
    assert len((service.out / "deliveries" / "EP2" / "records.jsonl").read_bytes().splitlines()) == 120
    second = provscan("watch", inbox, "--out", service.out, *QUICK)
    assert second.returncode == 4
    assert "another watch writes there" in second.stderr
    service.process.send_signal(signal.SIGTERM)
    _, err = service.process.communicate(timeout=PATIENCE)
    assert service.process.returncode == 130
    assert "run the same command again" in err


def test_once_scans_what_is_whole_and_names_what_is_not(inbox: Path, tmp_path: Path) -> None:
    still(inbox / "EP1" / "a.png")
    still(inbox / "EP2" / "b.png.part.png")
    (inbox / "EP2" / "master.mov.part").write_bytes(bytes(10))
    still(inbox / "EP3" / "c.png")
    (inbox / "EP3" / "ready.done").touch()
    answer = provscan("watch", inbox, "--out", tmp_path / "out", *QUICK, "--once", "--when", "marker")
    assert answer.returncode == 3, answer.stderr
    assert "EP1: not scanned, no file *.done is in it" in answer.stderr
    assert "EP2: not scanned, a file is still being copied" in answer.stderr
    state = json.loads((tmp_path / "out" / "watch.json").read_text())
    assert {name: one["standing"] for name, one in state["deliveries"].items()} == {
        "EP1": "waiting", "EP2": "waiting", "EP3": "done",
    }  # fmt: skip
    alive = provscan("watch", inbox, "--out", tmp_path / "out", "--status")
    assert alive.returncode == 0
    assert json.loads(alive.stdout)["counters"]["scanned"] == 1


def once(call: Call, inbox: Path, out: Path, *more: str) -> Answer:
    return call("watch", inbox, "--out", out, *QUICK, "--settle", "0", "--every", "0.1", "--once", *more)


def test_a_volume_that_is_not_mounted_for_a_time_is_not_scanned_again(inbox: Path, tmp_path: Path, call: Call) -> None:
    still(inbox / "EP1" / "a.png")
    out = tmp_path / "out"
    assert once(call, inbox, out).code == 0
    inbox.rename(tmp_path / "volume")
    inbox.mkdir()  # the place where the volume was mounted
    assert once(call, inbox, out).code == 0
    inbox.rmdir()
    (tmp_path / "volume").rename(inbox)
    answer = once(call, inbox, out)
    assert "scanning" not in answer.err
    assert json.loads((out / "watch.json").read_text())["deliveries"]["EP1"]["scans"] == 1


def test_a_delivery_that_lost_a_file_for_a_time_is_not_scanned_again(inbox: Path, tmp_path: Path, call: Call) -> None:
    still(inbox / "EP1" / "a.png")
    out = tmp_path / "out"
    once(call, inbox, out)
    (inbox / "EP1" / "a.png").rename(tmp_path / "a.png")
    assert "EP1: not scanned, it contains no files" in once(call, inbox, out).err
    (tmp_path / "a.png").rename(inbox / "EP1" / "a.png")
    assert "scanning" not in once(call, inbox, out).err
    (one,) = json.loads((out / "watch.json").read_text())["deliveries"].values()
    assert (one["standing"], one["scans"], one["exit_code"]) == ("done", 1, 0)


def test_a_delivery_that_changes_under_the_scan_has_no_verdict_until_it_is_scanned_again(
    inbox: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    still(inbox / "EP1" / "a.png")
    out = tmp_path / "out"
    monkeypatch.setattr("scanner.watch.watch.scan_apart", _scan_and_add)
    answer = once(call, inbox, out)
    assert answer.code == 3
    assert "EP1: changed while it was read; its reports are removed, and it is scanned again" in answer.err
    (one,) = json.loads((out / "watch.json").read_text())["deliveries"].values()
    assert (one["standing"], one["headline"], one["exit_code"]) == ("waiting", "", 3)
    assert not list((out / "deliveries" / "EP1").iterdir())
    monkeypatch.undo()
    assert once(call, inbox, out).code == 1
    assert (out / "deliveries" / "EP1" / "records.jsonl").exists()


def _scan_and_add(order: ScanOrder, name: str, path: Path, *_: object) -> scanning.Answer:
    answer = scanning.scan_apart(order, name, path, scanning.show_nothing, lambda: None)
    still(path / "Masters" / "late.png", words=SETTINGS)
    return answer


def test_each_scan_shows_its_progress_and_its_report_on_request(inbox: Path, tmp_path: Path, call: Call) -> None:
    still(inbox / "EP1" / "Masters" / "harbour.png", words=SETTINGS)
    answer = once(call, inbox, tmp_path / "out", "--progress", "json", "-v")
    stages = [json.loads(line)["stage"] for line in answer.err.splitlines() if line.startswith("{")]
    assert "EP1: Examining" in stages
    assert "NOT READY: 1 blocker" in answer.out
    assert "harbour.png" in answer.out


class _UsesAWorker(ScanOrder):
    def scan(self, *_: object) -> Run:
        sealed(os.getpid, 60)
        raise RunError("it was a trial")


def test_a_scan_process_does_not_wait_for_the_worker_that_it_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PATIENCE", 3600.0)  # the process must end without help
    order = _UsesAWorker(out=tmp_path, config=Config(), output=Output(folder=None), origins=Origins())
    answer = scanning.scan_apart(order, "EP1", tmp_path, scanning.show_nothing, lambda: None)
    assert answer == scanning.Answer(exit_code=ExitCode.SETUP, error="it was a trial")


def test_once_names_a_delivery_that_failed_before_and_is_not_whole_now(inbox: Path, tmp_path: Path, call: Call) -> None:
    (inbox / "EP1").mkdir()
    (inbox / "EP1" / "master.mov.part").touch()
    (tmp_path / "out").mkdir()
    state = WatchState(folder=tmp_path / "out", watched=str(inbox))
    state.get("EP1").standing, state.get("EP1").why = WatchStanding.FAILED, "the disk was full"
    state.save()
    answer = once(call, inbox, tmp_path / "out")
    assert answer.code == 3
    assert "EP1: not scanned, a file is still being copied" in answer.err


@pytest.mark.parametrize("name", ["poster.png", "gone"])
def test_a_drop_folder_that_cannot_be_listed_is_refused(name: str, inbox: Path, tmp_path: Path, call: Call) -> None:
    still(inbox / "poster.png")
    answer = call("watch", inbox / name, "--out", tmp_path / "out", *QUICK, "--once")
    assert answer.code == 4
    assert "cannot be listed" in answer.err
    assert not (tmp_path / "out").exists()


def test_an_output_inside_the_drop_folder_is_refused(inbox: Path, call: Call) -> None:
    answer = call("watch", inbox, "--out", inbox / "reports", *QUICK)
    assert answer.code == 4
    assert "inside the scanned folder" in answer.err
    assert not list(inbox.iterdir())


def whole(folder: Path, rule: ArrivalRule, still_for: float = 100.0) -> str:
    (arrival,) = arrivals(folder)
    return why_not(
        arrival, Waiting(snapshot=look(arrival.path), since=0.0), still_for, rule, settle=60.0, marker="*.done"
    )


def test_what_stands_still_is_whole(inbox: Path) -> None:
    still(inbox / "EP1" / "a.png")
    assert whole(inbox, ArrivalRule.STILL) == ""
    assert whole(inbox, ArrivalRule.STILL, 5.0) == "it changed 5 s ago"
    (inbox / "EP1" / "master.mxf.filepart").touch()
    assert "still being copied" in whole(inbox, ArrivalRule.STILL)


def test_any_change_of_a_file_is_seen(inbox: Path) -> None:
    still(inbox / "EP1" / "a.png")
    seen = {look(inbox / "EP1")}
    (inbox / "EP1" / "b.txt").write_text("one")
    seen.add(look(inbox / "EP1"))
    (inbox / "EP1" / "b.txt").write_text("two")
    os.utime(inbox / "EP1" / "b.txt", (1, 1))
    seen.add(look(inbox / "EP1"))
    (inbox / "EP1" / "b.txt").rename(inbox / "EP1" / "c.txt")
    seen.add(look(inbox / "EP1"))
    assert len(seen) == 4
    waiting = Waiting(snapshot=look(inbox / "EP1"), since=0.0)
    waiting.see(look(inbox / "EP1"), 50.0)
    assert waiting.since == 0.0


def test_a_list_is_fulfilled_when_all_its_files_are_there_in_their_size(tmp_path: Path) -> None:
    folder = tmp_path / "EP1"
    still(folder / "Masters" / "a.png")
    digest = hashlib.md5((folder / "Masters" / "a.png").read_bytes(), usedforsecurity=False).hexdigest()
    assert missing_of_lists(folder) == "no packing list, MHL or checksum file is in it"
    (folder / "all.md5").write_text(f"{digest}  Masters/a.png\n{digest}  Masters/b.png\n")
    assert missing_of_lists(folder) == "Masters/b.png, which all.md5 lists, is not there"
    shutil.copy(folder / "Masters" / "a.png", folder / "Masters" / "b.png")
    assert missing_of_lists(folder) == ""
    size = (folder / "Masters" / "a.png").stat().st_size
    (folder / "all.mhl").write_text(
        f'<hashlist version="1.1"><hash><file>Masters/a.png</file><size>{size + 7}</size><md5>{digest}</md5></hash></hashlist>'
    )
    assert missing_of_lists(folder) == f"Masters/a.png has {size:,} of the {size + 7:,} bytes that all.mhl states"
    (folder / "all.mhl").write_text("<hashlist><hash>")
    assert "all.mhl cannot be read" in missing_of_lists(folder)


def test_lists_are_read_once_for_each_state_and_only_when_it_stands_still(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def run(function: Callable[[Path], str], _: float, folder: Path) -> str:
        read.append(folder)
        return function(folder)

    monkeypatch.setattr("scanner.watch.arrival.run_sealed", run)
    still(inbox / "EP1" / "a.png")
    (inbox / "EP1" / "all.md5").write_text(f"{'0' * 32}  b.png\n")
    (arrival,) = arrivals(inbox)
    waiting = Waiting(snapshot=look(arrival.path), since=0.0)

    def why(now: float) -> str:
        waiting.see(look(arrival.path), now)
        return why_not(arrival, waiting, now, ArrivalRule.LIST, settle=60.0, marker="")

    assert why(5.0) == "it changed 5 s ago"
    assert not read
    assert {why(float(now)) for now in range(60, 100)} == {"b.png, which all.md5 lists, is not there"}
    assert len(read) == 1
    still(inbox / "EP1" / "b.png")
    assert why(100.0) == "it changed 0 s ago"
    assert why(160.0) == ""
    assert len(read) == 2


def test_a_list_that_leads_out_of_the_delivery_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "EP1").mkdir()
    (tmp_path / "EP1" / "all.md5").write_text(f"{'0' * 32}  ../secret.txt\n{'0' * 32}  /etc/passwd\n")
    assert missing_of_lists(tmp_path / "EP1") == ""


def test_hidden_and_half_copied_entries_are_no_deliveries(inbox: Path) -> None:
    for name in (".DS_Store", ".EP9", "EP1.mov.part", "Thumbs.db"):
        (inbox / name).touch()
    (inbox / "EP1").mkdir()
    assert [one.name for one in arrivals(inbox)] == ["EP1"]
    assert whole(inbox, ArrivalRule.STILL) == "it contains no files"


def test_a_state_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    for content in (
        "",
        "{",
        "[]",
        '{"schema":"provscan/watch/1"}',
        '{"schema":"provscan/watch/1","deliveries":{"a":1}}',
    ):
        (tmp_path / "watch.json").write_text(content)
        assert WatchState.load(tmp_path, tmp_path).deliveries == {}
    state = WatchState(folder=tmp_path)
    state.get("EP1").standing = WatchStanding.HOOK
    state.get("EP1").why = "\udc80"
    state.save()
    assert WatchState.load(tmp_path, tmp_path).deliveries == state.deliveries


def test_a_full_disk_costs_the_document_and_not_the_watch(tmp_path: Path) -> None:
    state = WatchState(folder=tmp_path / "gone")
    state.save()
    assert "No such file" in state.not_written
    assert [pause_after(number) for number in (1, 2, 3, 9, 5000)] == [60, 120, 240, 3600, 3600]


def test_a_hook_that_fails_says_so(tmp_path: Path) -> None:
    assert Hooks(command=("false",)).call("EP1", tmp_path, {}) == "hook false: exit code 1"
    assert "No such file" in Hooks(command=("no-such-program-here",)).call("EP1", tmp_path, {})
    assert Hooks(command=("true",)).call("$(touch x)", tmp_path / "; touch y", {}) == ""
    assert not list(tmp_path.iterdir())
    assert not Hooks()


def test_a_webhook_gets_the_message_and_follows_no_redirection(tmp_path: Path) -> None:
    got: list[bytes] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(302 if self.path == "/elsewhere" else 204)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        assert Hooks(address=f"{address}/ok").call("EP1", tmp_path, {"delivery": "EP1"}) == ""
        assert Hooks(address=f"{address}/elsewhere").call("EP1", tmp_path, {}) == "webhook: status 302"
    finally:
        server.shutdown()
        server.server_close()
    assert json.loads(got[0]) == {"delivery": "EP1"}
    assert "webhook:" in Hooks(address=address).call("EP1", tmp_path, {})  # nobody answers there any more


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.com/x", "example.com"])
def test_a_webhook_is_http_or_https(address: str, inbox: Path, tmp_path: Path, call: Call) -> None:
    answer = call("watch", inbox, "--out", tmp_path / "out", *QUICK, "--webhook", address)
    assert answer.code == 4
    assert "must begin with https://" in answer.err


def test_a_file_that_is_dropped_alone_is_a_delivery(inbox: Path) -> None:
    still(inbox / "poster.png")
    (arrival,) = arrivals(inbox)
    assert arrival == Arrival(name="poster.png", path=inbox / "poster.png")
    assert whole(inbox, ArrivalRule.MARKER) == ""
    assert look(arrival.path).files == 1
