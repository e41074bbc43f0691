"""The desk ends when its last window is closed, and not before."""

from __future__ import annotations

import time

from scanner.desk.windows import OpenWindows
from tests.scanner.desk.serving import Client


def test_it_waits_for_the_first_window_and_ends_where_none_opens() -> None:
    assert not OpenWindows(grace=0).are_gone(is_busy=False)
    assert OpenWindows(unseen=-1).are_gone(is_busy=False)


def test_going_from_page_to_page_does_not_end_it() -> None:
    windows = OpenWindows(grace=60)
    windows.report("first")
    windows.close("first")
    assert not windows.are_gone(is_busy=False)
    windows.report("second")
    assert not windows.are_gone(is_busy=False)


def test_the_last_window_ends_it_also_while_a_scan_runs() -> None:
    windows = OpenWindows(grace=-1)
    windows.report("one")
    windows.report("two")
    windows.close("one")
    assert not windows.are_gone(is_busy=True)
    windows.close("two")
    assert windows.are_gone(is_busy=True)


def test_a_window_that_is_silent_counts_as_closed_but_not_while_a_scan_runs() -> None:
    windows = OpenWindows(grace=-1, silence=-1)
    windows.report("asleep")
    assert not windows.are_gone(is_busy=True)
    assert windows.are_gone(is_busy=False)


def test_after_a_sleep_of_the_machine_each_window_gets_time_to_report() -> None:
    windows = OpenWindows(grace=-1, silence=0.05)
    windows.report("asleep")
    time.sleep(0.1)
    windows.wake()
    assert not windows.are_gone(is_busy=False)


def test_the_server_ends_with_the_window_that_reported(client: Client) -> None:
    client.server.desk.windows = OpenWindows(grace=0)
    assert client.post("/windows/open", {"window": "w"}).status == 200
    assert client.post("/windows/closed", {"window": "w"}).status == 200
    deadline = time.monotonic() + 20
    while not client.server.desk.is_ending and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.server.desk.is_ending
