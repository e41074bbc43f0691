"""Nothing leaves the machine, and with `--redact` nothing private leaves the run."""

from __future__ import annotations

import html
import json
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fixtures.c2pa_ca import AI, Authority, action, actions, sign
from fixtures.marks import PROMPT
from tests.e2e.conftest import Call
from tests.e2e.demo import FORMATS, Scanned, records_of
from tests.e2e.process import environment, provscan

SEALED = {"PYTHONPATH": str(Path(__file__).parent / "watched"), "SEALED": "1"}
LINUX = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="needs the seccomp of Linux"
)


def _run(code: str) -> int:
    done = subprocess.run([sys.executable, "-c", code], env=environment(SEALED), capture_output=True, check=False)
    return done.returncode


@LINUX
def test_the_seal_holds() -> None:
    """The control: without it the test below would prove nothing."""
    assert _run("import socket; socket.socket(socket.AF_UNIX).close()") == 0
    assert _run("import socket; socket.socket()") == -signal.SIGSYS
    assert _run("import socket; socket.socket(socket.AF_INET6)") == -signal.SIGSYS
    assert _run("import subprocess as s; s.run(['ls', '/'], check=True, stdout=-3)") == 0


@LINUX
def test_no_process_of_a_scan_makes_an_internet_socket(scanned: Scanned, house: Path, tmp_path: Path) -> None:
    root = tmp_path / "EP101"
    for path in ("03_Artwork", "05_Archival", "02_Stems/MX", "08_Docs"):
        shutil.copytree(house / path, root / path)
    Image.new("RGB", (32, 32), (1, 99, 8)).save(tmp_path / "plain.png")
    remote, made = "http://192.0.2.1/manifest.c2pa", actions(action(source=AI))
    sign(tmp_path / "plain.png", root / "remote.png", made, ca=Authority(), remote=remote, embed=False)
    chosen = ("--policy", "netflix-2025", "--cache", tmp_path / "cache", "--jobs", "1")
    # With text recognition: its libraries have code that fetches models and code that sends telemetry.
    done = provscan("scan", root, "--out", tmp_path / "out", *chosen, "--marks", "finals", env=SEALED)
    assert done.returncode == 1, done.stderr
    records = records_of(tmp_path / "out")
    assert [item["value"] for item in records.pop("remote.png")["evidence"] if item["key"] == "remote-manifest"] == [
        remote
    ]
    for path, record in records.items():
        if not path.endswith(".edl"):  # which speaks of files that were not copied
            assert _without_marks(record) == _without_marks(scanned.records[path])


def _without_marks(record: dict[str, Any]) -> dict[str, Any]:
    problems = [problem for problem in record["problems"] if problem["by"] != "visible"]
    return {**record, "looks": 0, "problems": problems}


def _forms(text: str) -> set[str]:
    return {text, json.dumps(text)[1:-1], html.escape(text), html.escape(json.dumps(text)[1:-1])}


def test_redacted_outputs_hold_no_private_words(scanned: Scanned, call: Call, house: Path, tmp_path: Path) -> None:
    formats = [word for name in FORMATS for word in ("--format", name)]
    done = call(
        "scan",
        house,
        "--out",
        tmp_path / "out",
        "--redact",
        *formats,
        "--policy",
        "netflix-2025",
        "--cache",
        scanned.folder.parent / "cache",
    )
    text = done.out + "".join(path.read_text("utf-8") for path in (tmp_path / "out").iterdir() if path.is_file())
    evidence = [item for record in scanned.records.values() for item in record["evidence"]]
    public = {item["value"] for record in records_of(tmp_path / "out").values() for item in record["evidence"]}
    private = {item["value"] for item in evidence} - public
    windows = {value[:40] for value in private if re.search(r"\S+ \S+ \S+", value[:40])} | {PROMPT[:20], PROMPT[-20:]}
    assert len(windows) > 40
    leaked = {window for window in windows if any(form in text for form in _forms(window))}
    assert leaked == set()
    assert {r["asset"]["path"]: r["verdict"]["outcome"] for r in records_of(tmp_path / "out").values()} == {
        path: record["verdict"]["outcome"] for path, record in scanned.records.items()
    }


def test_redacted_records_are_not_judged_again(call: Call, house: Path, tmp_path: Path) -> None:
    """Their words are gone, so that rules would find nothing and everything would pass."""
    assert call("scan", house / "07_Ideation", "--out", tmp_path / "out", "--redact").code == 0
    done = call("judge", tmp_path / "out/records.jsonl")
    assert (done.code, done.out) == (4, "")
    assert "--redact" in done.err


def test_a_report_can_be_redacted_afterwards(scanned: Scanned, call: Call) -> None:
    records = scanned.folder / "records.jsonl"
    assert PROMPT[:20] in call("report", records, "--format", "jsonl").out
    assert PROMPT[:20] not in call("report", records, "--format", "jsonl", "--redact").out
