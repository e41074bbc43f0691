"""The readers, one file for each kind of statement. To add one: its file, its line here, its fixture."""

from __future__ import annotations

from media.identify import KINDS
from scanner.readers.audio_tags import AUDIO_TAGS
from scanner.readers.bmp import BMP
from scanner.readers.c2pa import C2PA
from scanner.readers.container import CONTAINER
from scanner.readers.dpx import DPX
from scanner.readers.dwt_dct import DWT_DCT
from scanner.readers.embedded import EMBEDDED
from scanner.readers.exif import EXIF
from scanner.readers.exr import EXR
from scanner.readers.interface import Medium, Reader, ReadSettings, read_statements
from scanner.readers.iptc import IPTC
from scanner.readers.isobmff import ISOBMFF
from scanner.readers.jpeg_app import JPEG_APP
from scanner.readers.mxf import MXF
from scanner.readers.netpbm import NETPBM
from scanner.readers.ole import OLE
from scanner.readers.ooxml import OOXML
from scanner.readers.package import PACKAGE
from scanner.readers.pdf import PDF
from scanner.readers.png_text import PNG_TEXT
from scanner.readers.psd_layers import PSD_LAYERS
from scanner.readers.radiance import RADIANCE
from scanner.readers.riff import RIFF
from scanner.readers.sef import SEF
from scanner.readers.sei import SEI
from scanner.readers.stealth import STEALTH
from scanner.readers.subtitle import SUBTITLE
from scanner.readers.svg import SVG
from scanner.readers.text import TEXT
from scanner.readers.tga import TGA
from scanner.readers.timeline import TIMELINE
from scanner.readers.visible import VISIBLE
from scanner.readers.xml import XML
from scanner.readers.xmp import XMP
from scanner.readers.xpm import XPM

__all__ = ["READERS", "Medium", "ReadSettings", "Reader", "read_statements", "readers_of"]

READERS: tuple[Reader, ...] = (
    AUDIO_TAGS,
    BMP,
    C2PA,
    CONTAINER,
    DPX,
    DWT_DCT,
    EMBEDDED,
    EXIF,
    EXR,
    IPTC,
    ISOBMFF,
    JPEG_APP,
    MXF,
    NETPBM,
    OLE,
    OOXML,
    PACKAGE,
    PDF,
    PNG_TEXT,
    PSD_LAYERS,
    RADIANCE,
    RIFF,
    SEF,
    SEI,
    STEALTH,
    SUBTITLE,
    SVG,
    TEXT,
    TGA,
    TIMELINE,
    VISIBLE,
    XML,
    XMP,
    XPM,
)


def readers_of(media_type: str) -> tuple[Reader, ...]:
    """The readers of the statements in a file of this media type, in their order.

    A search of pixels for a watermark does not count: it looks for one trace, and reads no statement of the file.
    """
    return _READERS_OF.get(media_type, ())


_STATING = tuple(reader for reader in READERS if not reader.searches_pixels)
_READERS_OF = {
    media_type: tuple(reader for reader in _STATING if media_type in reader.media_types) for media_type in KINDS
}
