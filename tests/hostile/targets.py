"""What is fuzzed: each format with everything that reads it, found from the tables of formats and readers, and each
document that users and earlier runs hand in."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fingerprints.library.log import read_log
from fixtures.samples import samples
from media.errors import MediaError, RunError
from media.identify import KINDS, identify
from media.whole import CHECKS, check_whole
from scanner.discover.formats import Found, identify_file
from scanner.judge.policy.waivers import read_waivers
from scanner.judge.register.register_file import read_register
from scanner.provenance import stored_provenance
from scanner.readers import READERS, Medium, Reader
from scanner.records.records import StoredRecords
from tests.hostile.cuts import FORMATS, Format
from tests.hostile.mutants import SEEDS, seed
from tests.hostile.whole_stills import STILLS

__all__ = ["TARGETS", "Target", "folder_of", "write_seeds"]

GOLDEN = Path(__file__).parents[1] / "golden/reports"
MAX_SEED = 96 << 10
"""Bytes: of a longer fixture only the head, because the rest is essence, and each execution copies it."""

_SUM = "0123456789abcdef0123456789abcdef"
TEXTS: Mapping[str, str] = {
    "list.mhl": f"<?xml version='1.0'?><hashlist version='1.1'><hash><file>a/b.mov</file><size>4</size><md5>{_SUM}</md5></hash></hashlist>",
    "0001.mhl": "<hashlist xmlns='urn:ASC:MHL:v2.0' version='2.0'><hashes><hash><path size='4'>a.mov</path>"
    f"<md5 action='original'>{_SUM}</md5></hash></hashes></hashlist>",
    "ASSETMAP.xml": "<AssetMap xmlns='http://www.smpte-ra.org/schemas/429-9/2007/AM'><Id>urn:uuid:1</Id><AssetList><Asset>"
    "<Id>urn:uuid:2</Id><ChunkList><Chunk><Path>a.mxf</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>",
    "CPL.xml": "<CompositionPlaylist xmlns='http://www.smpte-ra.org/schemas/2067-3/2016'><Id>urn:uuid:1</Id>"
    "<SegmentList><Segment><SequenceList><MainImageSequence><ResourceList><Resource><TrackFileId>urn:uuid:2</TrackFileId>"
    "</Resource></ResourceList></MainImageSequence></SequenceList></Segment></SegmentList></CompositionPlaylist>",
    "clips.ale": "Heading\nFIELD_DELIM\tTABS\nFPS\t24\n\nColumn\nName\tStart\tEnd\tSource File\n\nData\n"
    "A001\t01:00:00:00\t01:00:04:00\ta.mov\n",
    "words.scc": "Scenarist_SCC V1.0\n\n00:00:00:00\t9420 9420 94f2 94f2\n",
    "words.srt": "1\n00:00:01,000 --> 00:00:02,000\nWords <i>of</i> it\n",
    "words.rtf": "{\\rtf1\\ansi{\\info{\\author A}{\\title B}}words\\par}",
    "page.html": "<!doctype html><html><head><meta name='generator' content='x'><title>a</title></head></html>",
    "sums.md5": f"{_SUM}  a/b.mov\n{_SUM} *c.mov\n",
    "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    "words.txt": "Words.\nMade with a prompt: a harbour\n",
    "grade.cube": 'TITLE "a"\nLUT_3D_SIZE 2\n0 0 0\n1 1 1\n',
}
"""Lists and texts that no fixture writes as a file."""
ZIPS: Mapping[str, Mapping[str, str]] = {
    "words.odt": {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "meta.xml": "<m xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:creator>A</dc:creator></m>",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": "<c>words</c>",
    },
    "words.epub": {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container/>",
        "OEBPS/content.opf": "<package><metadata/></package>",
    },
    "files.zip": {"a.txt": "words", "b/c.txt": "words"},
}
"""Archives that no fixture writes, by their members."""


@dataclass(frozen=True)
class Target:
    """One thing to fuzz. `read` takes a file with the input and raises what no parser may raise."""

    name: str
    read: Callable[[Path], None]
    suffix: str = ""
    """Of the input's file, where the parser asks for the name."""


def _read_format(media_type: str, path: Path) -> None:
    """The parts, every reader of the format, and the check that it is whole. Each may refuse it by a `MediaError`."""
    medium = Medium(path, media_type, KINDS[media_type], size=path.stat().st_size)
    try:
        for _ in medium.parts():
            pass
        for reader in _readers(media_type):
            with suppress(MediaError):
                for _ in reader.read(medium):
                    pass
        with suppress(MediaError):
            check_whole(medium.file, media_type, medium.size)
    finally:
        medium.close()


def _readers(media_type: str) -> list[Reader]:
    """Without those that decode pixels in other libraries to look for one trace."""
    return [reader for reader in READERS if media_type in reader.media_types and not reader.costly]


def _identify(path: Path) -> None:
    with suppress(MediaError):
        identify_file(Found(folder=str(path.parent), name=path.name, size=path.stat().st_size, mtime_ns=0))


def _document(read: Callable[[Path], object], path: Path) -> None:
    """A file of the user's: it may be refused by a `RunError`."""
    with suppress(RunError):
        read(path)


def _read_records(path: Path) -> None:
    for _ in StoredRecords(path)():
        pass


def _read_stored_summary(path: Path) -> None:
    path.replace(path.with_name("summary.json"))
    stored_provenance(path.with_name("records.jsonl"))


DOCUMENTS: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "register": (lambda path: read_register(path, path.name), ".csv"),
    "waivers": (lambda path: read_waivers(path, path.name), ".toml"),
    "library-log": (read_log, ".csv"),
    "records": (_read_records, ".jsonl"),
    "summary": (_read_stored_summary, ".json"),
}
"""Name → its reader, and how its files end."""

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("identify", _identify),
        *(
            Target(media_type, partial(_read_format, media_type))
            for media_type in KINDS
            if _readers(media_type) or media_type in CHECKS
        ),
        *(Target(name, partial(_document, read), suffix) for name, (read, suffix) in DOCUMENTS.items()),
    )
}


def write_seeds(folder: Path) -> None:
    """Write every fixture into a folder for each target that reads it; each name ends as the target asks. Nothing where
    the folder exists."""
    if folder.exists():
        return
    with tempfile.TemporaryDirectory(dir=folder.parent) as making:
        made, sown = Path(making) / "made", Path(making) / "seeds"
        made.mkdir()
        for path in _make_files(made):
            for target in ("identify", _media_type_of(path)):
                _sow(sown, target, path.name, path.read_bytes()[:MAX_SEED])
        for name, data in _make_documents():
            _sow(sown, name, f"seed{DOCUMENTS[name][1]}", data)
        sown.rename(folder)


def _make_files(folder: Path) -> Iterator[Path]:
    samples(folder)
    aaf = folder / "cut.aaf"
    aaf.write_bytes(gzip.decompress((folder / "cut.aaf.gz").read_bytes()))
    for name in SEEDS:
        (folder / name).write_bytes(seed(name))
    for number, each in enumerate((*FORMATS, *STILLS)):
        data = each.make() if isinstance(each, Format) else each.data()
        (folder / f"whole-{number}{each.suffix}").write_bytes(data)
    for name, members in ZIPS.items():
        with zipfile.ZipFile(folder / name, "w") as packed:
            for member, text in members.items():
                packed.writestr(member, text)
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    for path in GOLDEN.glob("report.*"):
        shutil.copy(path, folder)
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _make_documents() -> Iterator[tuple[str, bytes]]:
    yield (
        "register",
        b"file,tool,approval,approved by,date,frames\nart/*.png,Midjourney,REF-1,A. B.,2026-01-02,1001-1020\n",
    )
    yield "waivers", b'[[waiver]]\nfinding = "3f0c2a9d51e07b64"\nname = "a"\nreason = "b"\ndate = "2026-01-02"\n'
    yield "library-log", b"id,file,title,licensed until,territory\narc1,a.png,Pavilion,2027-01-01,worldwide\n"
    yield "records", (GOLDEN / "records.jsonl").read_bytes()
    yield "summary", json.dumps(json.loads((GOLDEN / "report.json").read_text("utf-8"))["summary"]).encode()


def _media_type_of(path: Path) -> str:
    with path.open("rb") as file:
        return identify(file, path.name, path.stat().st_size).media_type


def _sow(folder: Path, target: str, name: str, data: bytes) -> None:
    if target in TARGETS:
        place = folder / folder_of(target)
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)


def folder_of(target: str) -> str:
    """The name of a target's folders and files."""
    return target.replace("/", "-")
