"""What FFmpeg's demultiplexers report: tags of the file, its streams and chapters; and the technical facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from media.errors import EssenceUnread, Malformed, Unsupported
from media.identify import KINDS
from media.sound import SoundClock, sound_clock
from scanner.clock import sound_label
from scanner.model import Evidence, Kind, MediaFacts
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader

if TYPE_CHECKING:
    from media.probe import Probe

__all__ = ["CONTAINER", "ContainerReader"]

_NOT_ALONE = "video/iso.segment"
"""A segment is no medium without its initialisation segment."""

_SHOWN = frozenset(f"set:0d0101010101{kind}00" for kind in ("27", "28", "29", "42", "44", "47", "48", "51", "5f"))
"""MXF's descriptors of pictures and sounds (SMPTE ST 377-1 Annex F). Without any it is a data track: Dolby Vision,
Atmos, timed text, which FFmpeg refuses."""
_NOISE = frozenset({"language", "minor_version", "vendor_id", "duration", "number_of_frames", "number_of_bytes", "bps"})


class ContainerReader(Reader):
    """Reads what FFmpeg's demultiplexers report: tags of the file, of its streams and of its chapters.

    Keys are FFmpeg's names in lower case; the fact `of` names what the tag belongs to. Also reads raster, rate,
    duration and start timecode; of sound alone, rate and start come from its broadcast chunks.
    """

    name = "container"
    version = 5
    media_types = frozenset(
        media_type
        for media_type, kind in KINDS.items()
        if kind in (Kind.VIDEO, Kind.AUDIO) and media_type != _NOT_ALONE
    )

    def read(self, medium: Medium) -> Iterator[Evidence | MediaFacts]:
        """Yield the tags of the format, of each stream, of each chapter; and the technical facts."""
        from media.probe import probe  # late: PyAV takes a tenth of a second, and a worker may meet stills alone

        try:
            found = probe(medium.path)
        except Malformed as error:
            if medium.media_type == "application/mxf" and (parts := _whole(medium)):
                if parts.isdisjoint(_SHOWN):
                    raise EssenceUnread(f"a data track: its metadata was read, not its essence ({error})") from error
                raise Unsupported(f"a complete MXF, but its picture or sound cannot be decoded ({error})") from error
            raise
        yield facts(found, None if found.first("video") else sound_clock(medium.path))
        yield from islice(_all(found), MAX_STATEMENTS)


def _whole(medium: Medium) -> frozenset[str]:
    """The parts of an MXF whose partitions are where they state, up to its footer; none for another file."""
    names = frozenset(part.name for part in medium.parts())
    return names if medium.fault is None and "footer-partition" in names else frozenset()


def facts(found: Probe, sound: SoundClock | None = None) -> MediaFacts:
    """The technical facts of a probe: raster and rate of the first video that is not a cover, else the sound's
    clock."""
    video = found.first("video")
    said = [found.tags, *(stream.tags for stream in found.streams)]
    labels = (value for tags in said for key, value in tags.items() if key.lower() == "timecode")
    timecode = next(filter(None, labels), None)
    rate = video.rate if video else None
    if sound is not None and sound.rate is not None:
        rate, timecode = str(sound.rate), str(sound_label(sound, sound.rate))
    return MediaFacts(
        width=video.width if video else None,
        height=video.height if video else None,
        duration=found.duration,
        rate=rate,
        timecode=timecode,
        codecs=tuple(stream.codec for stream in found.streams if stream.kind in ("video", "audio")),
    )


def _all(found: Probe) -> Iterator[Evidence]:
    yield from _tags("format", found.tags)
    for stream in found.streams:
        yield from _tags(f"stream {stream.index} {stream.kind}", stream.tags)
    for index, chapter in enumerate(found.chapters, 1):
        yield from _tags(f"chapter {index}", chapter)


def _tags(of: str, tags: Mapping[str, str]) -> Iterator[Evidence]:
    for key, raw in tags.items():
        value = raw.strip("\0 \r\n\t")[:MAX_VALUE]
        if value and key.lower() not in _NOISE and not key.startswith("_statistics"):
            yield Evidence(reader="container", key=key.lower(), value=value, where=f"{of}, {key}", facts={"of": of})


CONTAINER = ContainerReader()
