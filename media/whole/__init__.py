"""Whether a file of picture, sound or pages holds everything that its own structure promises.

Each module knows one family of formats; a check reads headers, tables and the tail, decodes nothing, and raises
`Malformed` where the file ends before its structure does, or `Unsupported` where its essence is in another file. What a
format does not state cannot be checked: docs/whole.md lists where each can be cut unseen. To add one: a function, and
its line in `CHECKS`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import BinaryIO

from media.errors import Malformed, MediaError, Unreadable
from media.whole import (
    asf,
    bmff,
    bmp,
    chunked,
    compound,
    dpx,
    dv,
    ebml,
    exr,
    flac,
    flv,
    frames,
    markup,
    motion,
    mpeg,
    mxf,
    netpbm,
    ogg,
    pdf,
    radiance,
    tga,
    xpm,
)

__all__ = ["CHECKS", "check_whole"]

Check = Callable[[BinaryIO, int], None]

CHECKS: Mapping[str, Check] = {
    "application/mxf": mxf.check,
    "application/pdf": pdf.check,
    "application/ttml+xml": markup.check,
    "application/x-aaf": compound.check,
    "application/x-ole": compound.check,
    "audio/aac": frames.check_adts,
    "audio/ac3": frames.check_ac3,
    "audio/aiff": chunked.check_aiff,
    "audio/basic": chunked.check_au,
    "audio/flac": flac.check,
    "audio/mp4": bmff.check,
    "audio/mpeg": frames.check_mp3,
    "audio/ogg": ogg.check,
    "audio/wav": chunked.check_wav,
    "audio/x-ape": frames.check_ape,
    "audio/x-caf": chunked.check_caf,
    "audio/x-musepack": frames.check_musepack,
    "audio/x-w64": chunked.check_w64,
    "audio/x-wavpack": frames.check_wavpack,
    "image/avif": motion.check_heif,
    "image/bmp": bmp.check,
    "image/heif": motion.check_heif,
    "image/jpeg": motion.check_jpeg,
    "image/svg+xml": markup.check,
    "image/vnd.microsoft.icon": bmp.check_icon,
    "image/vnd.radiance": radiance.check,
    "image/x-cineon": dpx.check,
    "image/x-dpx": dpx.check,
    "image/x-exr": exr.check,
    "image/x-portable-anymap": netpbm.check,
    "image/x-tga": tga.check,
    "image/x-xpixmap": xpm.check,
    "video/iso.segment": bmff.check_segment,
    "video/h264": mpeg.check_elementary,
    "video/hevc": mpeg.check_elementary,
    "video/mp2t": mpeg.check_transport,
    "video/mp4": bmff.check,
    "video/mpeg": mpeg.check_program,
    "video/ogg": ogg.check,
    "video/quicktime": bmff.check,
    "video/x-dv": dv.check,
    "video/x-flv": flv.check,
    "video/x-matroska": ebml.check,
    "video/x-ms-asf": asf.check,
    "video/x-msvideo": chunked.check_avi,
}
"""Media type → its check. A media type without one states nothing that could be checked, or its walker checks it."""


def check_whole(file: BinaryIO, media_type: str, size: int) -> None:
    """Raise `MediaError` where an open file of `size` bytes lacks what its structure promises."""
    check = CHECKS.get(media_type)
    if check is None:
        return
    try:
        check(file, size)
    except MediaError:
        raise
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise Malformed(f"its structure ends early: {error}") from error
