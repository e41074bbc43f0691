"""A few seconds of a programme for people to look at and listen to: every frame as a JPEG, and the sound as a WAV.

Frames are pictures of their own, so that a page steps through them exactly, whatever its browser decodes.
"""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Final

from media.errors import MediaError
from media.ffmpeg import FORMATS, output, tool
from media.limits import MAX_PIXELS

__all__ = ["MOST_FRAMES", "excerpt_frames", "excerpt_sound"]

MOST_FRAMES: Final = 720
"""Of one excerpt."""
_MOST_BYTES: Final = 192 << 20
_BLOCK: Final = 1 << 16
_RATE: Final = 44_100
_BETWEEN: Final = b"\xff\xd9\xff\xd8"
"""The end of one JPEG and the begin of the next; within a JPEG no 0xFF is followed by either."""


def excerpt_frames(path: Path, start: float, seconds: float, *, side: int) -> list[bytes]:
    """The frames shown from `start` on, as JPEGs whose longer side is at most `side`. Raises `MediaError`."""
    fit = f"scale=w='min({side},iw)':h='min({side},ih)':force_original_aspect_ratio=decrease,format=yuvj420p"
    command = [*_input(path, start, seconds), "-map", "0:V:0", "-an", "-vf", fit, "-fps_mode", "passthrough"]
    command += ["-frames:v", str(MOST_FRAMES), "-c:v", "mjpeg", "-q:v", "4", "-f", "image2pipe", "pipe:1"]
    data = _read(command)
    if not data:
        return []
    first, *more = data.split(_BETWEEN)
    parts = [first, *(b"\xff\xd8" + part for part in more)]
    return [part + b"\xff\xd9" for part in parts[:-1]] + [parts[-1]]


def excerpt_sound(path: Path, start: float, seconds: float) -> bytes:
    """The sound of the first audio stream as a stereo WAV; nothing where there is none. Raises `MediaError`."""
    command = [*_input(path, start, seconds), "-map", "0:a:0?", "-vn", "-c:a", "pcm_s16le", "-ac", "2"]
    command += ["-ar", str(_RATE), "-f", "s16le", "pipe:1"]
    samples = _read(command)
    if not samples:
        return b""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(_RATE)
        written.writeframes(samples[: len(samples) // 4 * 4])
    return file.getvalue()


def _input(path: Path, start: float, seconds: float) -> list[str]:
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"]
    command += ["-format_whitelist", FORMATS, "-max_pixels", str(MAX_PIXELS)]
    return [*command, "-ss", f"{max(start, 0.0):.6f}", "-t", f"{seconds:.6f}", "-i", f"file:{path.absolute()}"]


def _read(command: list[str]) -> bytes:
    """What FFmpeg gives, up to a limit; what came before a fault where there is something."""
    data = bytearray()
    try:
        for piece in output(command, block=_BLOCK):
            data += piece
            if len(data) > _MOST_BYTES:
                break
    except MediaError:
        if not data:
            raise
    return bytes(data)
