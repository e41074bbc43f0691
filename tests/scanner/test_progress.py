"""Progress by work done: inside a long file, over files of different sizes, as lines for programs."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from media.digest import digest_file
from media.work import create_executor
from media.work.meter import ByteMeter, MeterReader, begin_item, end_item, report_share
from scanner.cli.gauge import Gauge
from scanner.cli.terminal import Bar


def _stay_half_done(weight: int) -> float:
    begin_item(weight)
    report_share(0.5)
    return weight / 2


def _die_half_done() -> None:
    begin_item(1000)
    report_share(0.5)


@pytest.fixture
def meter():
    with MeterReader() as reader:
        yield reader
        end_item()


def test_workers_report_how_far_they_are(meter: MeterReader) -> None:
    executor = create_executor("local", jobs=1)
    for _, half in executor.run(_stay_half_done, [4000], limit=lambda _: 60.0):
        assert half == 2000
        assert meter.done() == 2000
    begin_item(100)
    report_share(0.25)
    assert meter.done() == 25
    end_item()
    assert meter.done() == 0


def test_what_a_dead_process_reported_does_not_count(meter: MeterReader) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_die_half_done)
    child.start()
    child.join()
    assert meter.done() == 0


def test_nobody_listens() -> None:
    begin_item(100)
    report_share(0.5)
    end_item()
    assert MeterReader().done() == 0


def test_a_file_that_is_read_whole_shows_how_far_it_is(meter: MeterReader, tmp_path: Path) -> None:
    path = tmp_path / "master.mov"
    path.write_bytes(bytes(3 << 20))
    begin_item(path.stat().st_size)
    digest_file(path, also=(ByteMeter(path.stat().st_size),))
    assert meter.done() > 0


def test_the_share_is_of_bytes_and_never_falls(meter: MeterReader) -> None:
    gauge = Gauge(meter)
    gauge.begin("Examining", 2, 1000)
    assert gauge.share == 0
    begin_item(900)
    report_share(1.0)
    assert gauge.share == 0.9
    end_item()
    assert gauge.share == 0.9, "its result is on the way"
    gauge.add("long.mov", 900)
    gauge.add("short.wav", 100)
    assert gauge.share == 1
    gauge.begin("Judging", 4, 0)
    gauge.add("a", 0)
    assert gauge.share == 0.25
    gauge.begin("Finding", None, 0)
    assert gauge.share is None


def test_the_time_left_follows_the_pace(meter: MeterReader, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("scanner.cli.gauge.time.monotonic", lambda: now)
    gauge = Gauge(meter)
    gauge.begin("Examining", 2, 1000)
    gauge.add("a", 250)
    assert gauge.seconds_left is None, "too early"
    now += 9
    gauge.add("b", 50)
    assert gauge.seconds_left == pytest.approx(21)
    now += 60
    assert gauge.seconds_left is None, "what stands still has no pace"


def test_lines_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    with Bar("json") as bar:
        bar.stage("Examining", 2, work=100)
        bar.step("art/\x1b[2Ja.png", work=60)
        bar.step("b.png", work=40)
        bar.stage("Judging", 1)
    assert "PROVSCAN_METER_FOLDER" not in os.environ
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["stage"], line["done"], line["total"], line["share"]) for line in lines] == [
        ("Examining", 0, 2, 0.0),
        ("Examining", 2, 2, 1.0),
        ("Judging", 0, 1, 0.0),
    ]
    assert set(lines[0]) == {"stage", "done", "total", "share", "seconds", "seconds_left", "item"}


def test_nothing_is_shown_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    for form in ("auto", "none"):
        with Bar(form) as bar:
            bar.stage("Examining", 1)
            bar.step("a.png")
    assert capfd.readouterr().err == ""
