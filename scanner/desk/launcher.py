"""A launcher for people who use no terminal: a desktop entry on Linux, a `.command` on macOS, a `.bat` on Windows."""

from __future__ import annotations

import re
import shlex
import sys
from importlib import resources
from pathlib import Path
from typing import Final

import platformdirs

from scanner.output.document import write_document

__all__ = ["install_launcher", "make_launcher"]

# `-P`: no module of the folder in which it is started is run.
_ARGUMENTS: Final = ("-P", "-m", "scanner", "desk")
_ICON: Final = "provscan-desk.svg"


def make_launcher(system: str, python: str, icon: str = "") -> tuple[str, str]:
    """The file name and text of the launcher for a system, as `sys.platform` names it. `python` is the interpreter in
    which provscan is installed, `icon` the path of a picture."""
    if system == "win32":
        command = " ".join(f'"{word}"' for word in (python.replace("%", "%%"), *_ARGUMENTS))
        return "provscan desk.bat", f"@echo off\r\nrem Opens the desk of provscan in the browser.\r\n{command}\r\n"
    if system == "darwin":
        command = shlex.join([python, *_ARGUMENTS])
        return "provscan desk.command", f"#!/bin/sh\n# Opens the desk of provscan in the browser.\nexec {command}\n"
    command = " ".join((_quote_exec(python), *_ARGUMENTS))
    lines = {
        "Type": "Application",
        "Name": "provscan desk",
        "Comment": "Scan a delivery, review what was found, decide, sign",
        "Exec": command,
        "Icon": icon,
        "Terminal": "false",
        "Categories": "AudioVideo;Video;",
    }
    return "provscan-desk.desktop", "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def install_launcher() -> Path:
    """Write the launcher of this system where its user finds it, and return where: the menu of applications on Linux,
    else the desktop. An earlier one is replaced."""
    icon = ""
    if sys.platform in ("win32", "darwin"):
        folder = platformdirs.user_desktop_path()
    else:
        # The folder of all applications' data, in which ours has one.
        data = platformdirs.user_data_path("provscan", appauthor=False).parent
        folder = data / "applications"
        picture = data / "icons" / "hicolor" / "scalable" / "apps" / _ICON
        picture.parent.mkdir(parents=True, exist_ok=True)
        write_document(picture, [resources.files("scanner.desk").joinpath("static/icon.svg").read_bytes()])
        icon = str(picture)
    name, text = make_launcher(sys.platform, sys.executable, icon)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    write_document(target, [text.encode()])
    target.chmod(0o755)
    return target


def _quote_exec(word: str) -> str:
    """An argument as the key `Exec` takes it (Desktop Entry Specification, "The Exec key")."""
    quoted = re.sub(r'(["`$\\])', r"\\\1", word).replace("\\", "\\\\").replace("%", "%%")
    return f'"{quoted}"'
