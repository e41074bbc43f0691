"""What opens the desk for people who use no terminal, on each system."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.cli import provscan
from scanner.desk.launcher import make_launcher


def test_a_desktop_entry_runs_the_interpreter_that_has_provscan() -> None:
    name, text = make_launcher("linux", "/opt/odd $dir/100%/python", "/icons/a.svg")
    lines = dict(line.split("=", 1) for line in text.splitlines()[1:])
    assert name == "provscan-desk.desktop"
    assert text.startswith("[Desktop Entry]\n")
    assert lines["Exec"] == '"/opt/odd \\\\$dir/100%%/python" -P -m scanner desk'
    assert lines["Terminal"] == "false"


def test_a_command_of_macos_is_a_script_with_a_quoted_path() -> None:
    name, text = make_launcher("darwin", "/Users/a b/python")
    assert name.endswith(".command")
    assert shlex.split(text.splitlines()[-1]) == ["exec", "/Users/a b/python", "-P", "-m", "scanner", "desk"]


def test_a_batch_file_has_windows_line_ends_and_quotes() -> None:
    name, text = make_launcher("win32", "C:\\Program Files\\100%\\python.exe")
    assert name.endswith(".bat")
    assert '"C:\\Program Files\\100%%\\python.exe" "-P" "-m" "scanner" "desk"\r\n' in text
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="its desktop is the user's own")
def test_it_is_installed_into_the_menu_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert provscan.main(["desk", "--install-launcher"], standalone_mode=False) == 0
    target = tmp_path / "applications" / "provscan-desk.desktop"
    assert capsys.readouterr().out == f"{target}\n"
    lines = dict(line.split("=", 1) for line in target.read_text("utf-8").splitlines()[1:])
    assert Path(lines["Icon"]).read_text("utf-8").startswith("<svg")
    done = subprocess.run([*shlex.split(lines["Exec"])[:-1], "--version"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("provscan"), done.stderr
