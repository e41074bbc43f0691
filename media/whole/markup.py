"""XML (W3C XML 1.0 §2.1): whether the root element is closed, for readers that do not read up to it."""

from __future__ import annotations

import re
from typing import BinaryIO

from media.encoding import detect_wide
from media.errors import Malformed

__all__ = ["check"]

_HEAD, _TAIL = 64 << 10, 256 << 10
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)(?:\s[^<>]*?)?(/?)>")
_PROLOGUE = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)


def check(file: BinaryIO, size: int) -> None:
    """`Malformed` where the file ends before its root element. A head without a root element shows nothing."""
    file.seek(0)
    data = file.read(_HEAD)
    wide = detect_wide(data)
    found = _ROOT.search(_PROLOGUE.sub("", data.decode(wide or "utf-8", "replace")))
    if found is None or found[2]:
        return
    file.seek(max(0, size - _TAIL) // 4 * 4)
    tail = file.read(_TAIL + 4).decode(wide or "utf-8", "replace")  # the place was rounded down
    if re.search(rf"</{re.escape(found[1])}\s*>", tail) is None:
        raise Malformed(f"ends before its element {found[1]} does")
