"""Decodes the first, middle and last frame of every asset that is judged as a final; a failure makes the asset
incomplete.

A format that nothing here decodes is not decoded: a still that Pillow refuses is damaged only where FFmpeg refuses it
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from media.errors import Malformed, MediaError, TooLarge, Unsupported
from media.identify import WITHOUT_PIXELS
from media.still import check_picture, decodes
from scanner.discover.sequences import frame_paths
from scanner.model import Asset, Category, Kind

if TYPE_CHECKING:
    from media.ends import NotDecoded

__all__ = ["FINALS", "MARKED", "decode_final"]

FINALS: Final = frozenset(
    {
        Category.FINAL_PICTURE,
        Category.FINAL_AUDIO,
        Category.ARTWORK,
        Category.PROMO,
        Category.GRAPHICS,
        Category.UNCATEGORISED,
    }
)
"""Uncategorised assets are judged as finals."""

MARKED: Final[Mapping[str, frozenset[Category]]] = {
    "off": frozenset(),
    "artwork": frozenset({Category.ARTWORK, Category.PROMO, Category.GRAPHICS}),
    "finals": FINALS | {Category.TEMP, Category.IDEATION, Category.VFX_ELEMENT},
    "all": frozenset(Category),
}
"""Setting `marks` → the categories whose pictures are searched for visible marks. With finals, what may be cut into
them: a generator's mark in it shows what to look for in the finals."""

_SEGMENT = "video/iso.segment"
"""It cannot be decoded without its initialisation segment."""
_SIDE = 64


def decode_final(asset: Asset) -> tuple[NotDecoded, ...]:
    """Decode what shows that a final is there. Raises `MediaError` where a part of it fails.

    Returns what was not decoded, where the rest is undamaged.
    """
    root = Path(asset.location)
    if asset.category not in FINALS:
        return ()
    if asset.kind is Kind.IMAGE and asset.media_type not in WITHOUT_PIXELS:
        if asset.frames is None:
            return _decode_still(root / asset.path, asset.media_type, "")
        frames = list(frame_paths(asset))
        left: tuple[NotDecoded, ...] = ()
        for place in sorted({0, len(frames) // 2, len(frames) - 1}):
            number, path = frames[place]
            left += _decode_still(root / path, asset.media_type, f"frame {number}: ")
        return left
    if asset.kind in (Kind.VIDEO, Kind.AUDIO) and asset.media_type != _SEGMENT:
        from media.ends import decode_ends  # late: PyAV takes a tenth of a second, and a worker may meet stills alone

        return decode_ends(root / asset.path)
    return ()


def _decode_still(path: Path, media_type: str, lead: str) -> tuple[NotDecoded, ...]:
    try:
        check_picture(path, at_least=_SIDE)
    except Unsupported:
        pass
    except TooLarge as error:
        from media.ends import NotDecoded  # late: PyAV takes a tenth of a second

        return (NotDecoded(f"{lead}its picture: {error}"),)
    except Malformed as error:
        if not decodes(path, media_type):
            raise Malformed(f"{lead}{error}") from error
    except MediaError as error:
        raise type(error)(f"{lead}{error}") from error
    return ()
