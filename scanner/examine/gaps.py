"""What nobody looked into although no reader failed: a problem each, so that the asset never passes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from media.identify import LITTER
from media.identify.litter import is_litter_place
from scanner.model import Asset, Kind, MediaFacts, Problem, ProblemCode
from scanner.readers import readers_of

__all__ = ["gaps"]

_MEDIA_SUFFIXES = frozenset(
    ".mov .mp4 .m4v .mxf .mkv .webm .avi .mpg .mpeg .m2ts .wmv .flv .wav .bwf .w64 .caf .aif .aiff .mp3 .m4a .aac "  # noqa: SIM905
    ".3gp .3g2 .ts .mts .m2t .vob .m2v .mj2 .asf .f4v .ogv .dv .h264 .264 .hevc .265 .rf64 .bw64 .aifc .au .snd .mka "
    ".m4b .oga .spx .wma .wv .ape .mpc .mp2 .eac3 .jfif .jpe .jpf .j2k .heics .hif .avifs .pbm .rgbe .tx .nrw .3fr "
    ".iiq .srw "
    ".ac3 .ogg .opus .flac .jpg .jpeg .png .tif .tiff .exr .dpx .cin .tga .bmp .hdr .psd .psb .heic .heif .avif .jxl "
    ".webp .gif .jp2 .j2c .j2k .jpx .dng .cr2 .cr3 .nef .arw .raf .orf .rw2 .ppm .pgm .pbm .pnm .pam .pfm .ico .xpm "
    ".svg .eps .ai .pdf".split()
)
"""Names that promise picture or sound. Storage systems leave a line of text where the medium was, servers a page."""

_KEPT = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.UNKNOWN})
"""Kinds that such a name may hold, whatever the medium; what is unknown is not inspected anyway."""

_DRAWN = frozenset({"application/pdf", "application/postscript"})
_DRAWN_SUFFIXES = frozenset({".pdf", ".ai", ".eps"})
_SEGMENT = "video/iso.segment"
"""Its tracks are declared in its initialisation segment, which is another file; `isobmff` asks it for a fragment."""


def gaps(asset: Asset, media: MediaFacts | None, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems that follow from an asset's format, after its readers looked: each blocks.

    `media` are the facts that were read, None where no demultiplexer opened it; `problems` those met so far.
    """
    if asset.kind is Kind.INERT:
        yield from _inert(asset)
    elif asset.media_type == "application/x-empty":
        yield _problem(ProblemCode.MALFORMED, "identify", "the file is empty")
    elif asset.kind is Kind.UNKNOWN or not readers_of(asset.media_type):
        message = f"provscan does not read this kind of file ({asset.media_type})"
        yield _problem(ProblemCode.UNSUPPORTED, "identify", message)
    elif asset.kind in (Kind.VIDEO, Kind.AUDIO):
        yield from _streams(asset, media, problems)
    else:
        yield from _placeholder(asset)


def _inert(asset: Asset) -> Iterator[Problem]:
    """`._clip.mov` is what macOS leaves beside `clip.mov`; a font that is called `clip.mov` is no clip."""
    if asset.media_type != LITTER or not is_litter_place(asset.path):
        yield from _placeholder(asset)


def _streams(asset: Asset, media: MediaFacts | None, problems: Iterable[Problem]) -> Iterator[Problem]:
    if asset.media_type == _SEGMENT or any(problem.stage == "examine" for problem in problems):
        return  # a reader has said why
    if media is None or not media.codecs:
        what = "picture or sound" if asset.kind is Kind.VIDEO else "sound"
        yield _problem(
            ProblemCode.MALFORMED, "container", f"has no stream of {what}: there is nothing in it to inspect"
        )


def _placeholder(asset: Asset) -> Iterator[Problem]:
    """Where the name promises a medium, and what it holds is none."""
    suffix = PurePosixPath(asset.path).suffix.lower()
    drawn = suffix in _DRAWN_SUFFIXES and asset.media_type in _DRAWN
    if suffix in _MEDIA_SUFFIXES and asset.kind not in _KEPT and not drawn:
        message = f"named {suffix}, but holds {asset.media_type}: a placeholder for a missing file"
        yield _problem(ProblemCode.MALFORMED, "identify", message)


def _problem(code: ProblemCode, by: str, message: str) -> Problem:
    return Problem(code=code, stage="examine", by=by, message=message, blocking=True)
