"""The FFmpeg program: where it is, its output in blocks, one picture of a medium.

A program that gives nothing for too long is stopped. No network and no other file: playlists and
references are not in the list of formats that may be opened.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import IO, Any

from media.errors import Malformed, MissingDecoder, TimedOut

__all__ = ["FORMATS", "HOW_TO_GET", "OPTIONS", "STALL_SECONDS", "Tool", "is_here", "output", "still", "tool"]

HOW_TO_GET = "pip install 'provscan[ffmpeg]', or install ffmpeg and put it on the PATH"
"""For a person who has no FFmpeg program."""
STALL_SECONDS = 60.0
"""A decoder that gives nothing for so long is stopped."""

FORMATS = (
    "aa,aac,ac3,eac3,aiff,amr,ape,asf,au,av1,avi,caf,dts,dtshd,dv,flac,flv,gif,gxf,h264,hevc,ivf,lxf,m4v,matroska,mov,"
    "mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mxf,obu,ogg,rm,truehd,tta,vc1,voc,w64,wav,webm,wv,xwma,yuv4mpegpipe"
)
"""The formats that are one file. Not in it: concat, hls, dash, imf, lavfi, image2, which name other files."""

_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
"""In memory: another one in every run, and so would be the record."""
_THE_MEDIUM = "file:the-medium"
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}


@dataclass(frozen=True, slots=True)
class Tool:
    """The FFmpeg program that decodes here."""

    path: str
    version: str
    configuration: str = ""
    """The options that it was built with: `--enable-gpl --enable-version3 …`."""


@cache
def tool() -> Tool:
    """The program of imageio-ffmpeg (extra `ffmpeg`), so that machines decode alike, else `ffmpeg` on the path.

    The environment variable `IMAGEIO_FFMPEG_EXE` names another one. Raises `MissingDecoder`.
    """
    path = _bundled() or shutil.which("ffmpeg")
    if path is None:
        raise MissingDecoder(f"no ffmpeg program was found ({HOW_TO_GET})")
    try:
        said = subprocess.run([path, "-hide_banner", "-version"], capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingDecoder(f"{path} does not run: {error} ({HOW_TO_GET})") from error
    text = said.stdout.decode("utf-8", "replace")
    words = text.split()
    built = next((line.strip() for line in text.splitlines() if line.strip().startswith("configuration:")), "")
    return Tool(path, words[2] if len(words) > 2 else "unknown", built.removeprefix("configuration:").strip())


def is_here() -> bool:
    """Whether there is a program that runs. What was not decoded without one is looked at again where there is."""
    try:
        tool()
    except MissingDecoder:
        return False
    return True


def _bundled() -> str | None:
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def still(path: Path, at_seconds: float, *, max_side: int) -> bytes:
    """The picture shown at a time, as JPEG, its longer side at most `max_side`."""
    fit = {"w": f"min({max_side},iw)", "h": f"min({max_side},ih)", "force_original_aspect_ratio": "decrease"}
    node = _input(ss=max(0.0, at_seconds)).video.filter("scale", **fit).filter("format", "yuvj420p")
    node = node.output("pipe:1", format="image2pipe", vcodec="mjpeg", **{"frames:v": 1, "q:v": 3})
    picture = b"".join(_run(path, node, block=1 << 16))
    if not picture:
        raise Malformed(f"FFmpeg: no picture at {at_seconds:g} s")
    return picture


def _input(**options: object) -> Any:
    import ffmpeg  # late: readers of stills import this module and build no graph

    return ffmpeg.input(_THE_MEDIUM, **OPTIONS, **options)


def _run(path: Path, node: Any, *, block: int) -> Iterator[bytes]:
    """Compile and run. The path goes in last: ffmpeg-python cannot hold a name that is no UTF-8."""
    command = node.global_args("-nostdin", "-hide_banner", "-v", "error").compile(cmd=tool().path)
    medium = f"file:{path.absolute()}"
    yield from output([medium if argument == _THE_MEDIUM else argument for argument in command], block=block)


def output(command: list[str], *, block: int) -> Iterator[bytes]:
    """The program's output in blocks of `block` bytes, the last one maybe shorter.

    What was decoded before a fault is given before the fault is raised; all that FFmpeg wrote of it is a note of it.
    """
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    assert process.stderr is not None  # noqa: S101
    watch = _Watch(process)
    said: deque[bytes] = deque(maxlen=8)
    drain = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    drain.start()
    given = False
    try:
        while piece := watch.read(process.stdout, block):
            given = True
            yield piece
        code = process.wait()
        drain.join()
    finally:
        watch.close()
        drain.join()
        process.stdout.close()
        process.stderr.close()
    if watch.stopped:
        raise TimedOut(f"FFmpeg gave nothing for {STALL_SECONDS:g} s and was stopped")
    if code != 0 or not given:
        words = _ADDRESS.sub("", " ".join(b" ".join(said).decode("utf-8", "replace").split()))
        fault = Malformed(f"FFmpeg: {words[-400:] or 'nothing to decode'}")
        fault.add_note(words)
        raise fault


class _Watch:
    """Kills a process when a read from it lasts longer than `STALL_SECONDS`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.stopped = False
        self._process = process
        self._since: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def read(self, stream: IO[bytes], size: int) -> bytes:
        """Up to `size` bytes; the clock runs only while waiting for them."""
        self._since = monotonic()
        try:
            return stream.read(size)
        finally:
            self._since = None

    def _look(self) -> None:
        while not self._over.wait(0.5):
            since = self._since
            if since is not None and monotonic() - since > STALL_SECONDS:
                self.stopped = True
                self._process.kill()
                return

    def close(self) -> None:
        """End the watch and the process."""
        self._over.set()
        self._thread.join()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
