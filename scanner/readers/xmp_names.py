"""XMP namespaces: their usual prefixes, and those that hold settings rather than statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

__all__ = ["is_noise", "prefixed"]

_PREFIXES: Mapping[str, str] = {
    "adobe:ns:meta/": "x",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://c2pa.org/ns/": "c2pa",
    "http://cv.iptc.org/newscodes/digitalsourcetype/": "digsrctype",
    "http://creativecommons.org/ns#": "cc",
    "http://darktable.sf.net/": "darktable",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-19/": "Iptc4xmpExt",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/DICOM/": "DICOM",
    "http://ns.adobe.com/camera-raw-saved-settings/1.0/": "crss",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/creatorAtom/1.0/": "creatorAtom",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.adobe.com/illustrator/1.0/": "illustrator",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/pdfx/1.3/": "pdfx",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/bj/": "xmpBJ",
    "http://ns.adobe.com/xap/1.0/g/": "xmpG",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions#": "stDim",
    "http://ns.adobe.com/xap/1.0/sType/Font#": "stFnt",
    "http://ns.adobe.com/xap/1.0/sType/ManifestItem#": "stMfs",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/Version#": "stVer",
    "http://ns.adobe.com/xap/1.0/t/pg/": "xmpTPg",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/xmp/identifier/qual/1.0/": "xmpidq",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "http://ns.exiftool.org/": "exiftool",
    "http://ns.google.com/photos/1.0/audio/": "GAudio",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.google.com/photos/1.0/creations/": "GCreations",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.gimp.org/xmp/": "GIMP",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
"""Namespace → prefix, as ExifTool and Adobe write them."""

_SETTINGS = frozenset(
    {"crs", "crss", "hdrgm", "xmpG", "xmpGImg", "xmpTPg", "stDim", "stFnt", "stMfs", "xmpNote", "mwg-rs", "apple-fi"}
)
_NUMERIC = frozenset({"exif", "exifEX", "tiff", "aux", "xmpDM", "GPano", "GCamera", "Item", "xmpidq"})
"""Where a value without a letter is a measurement."""

_BULK = (
    *("photoshop:DocumentAncestors", "xmp:Thumbnails", "GDepth:Data", "GImage:Data", "GAudio:Data", "exif:GPS"),
    *("darktable:history", "darktable:blendop", "darktable:mask", "darktable:raw_params"),
)
_LETTER = re.compile(r"[^\W\d_]")


@lru_cache(maxsize=2048)
def prefixed(tag: str) -> str:
    """`{namespace}name` as `prefix:name`; an unknown namespace keeps its last word as prefix."""
    space, _, name = tag[1:].rpartition("}")
    if not space:
        return tag
    known = _PREFIXES.get(space) or _PREFIXES.get(space + "/")
    return f"{known or _invent_prefix(space)}:{name}"


def is_noise(path: str, value: str) -> bool:
    """Whether a property is a setting, a measurement or bulk data rather than a statement in words."""
    if not value or path.startswith(_BULK):
        return True
    prefixes = {step.partition(":")[0] for step in path.split("/")}
    return bool(prefixes & _SETTINGS) or (not _LETTER.search(value) and bool(prefixes & _NUMERIC))


def _invent_prefix(space: str) -> str:
    words = [word for word in re.split(r"[/#:]+", space) if word and not re.fullmatch(r"[\d.]+|ns|xmlns", word)]
    return re.sub(r"[^\w.-]", "", words[-1]) if words else "ns"
