"""One trial for each thing that provscan must be able to do. Each runs in a sealed worker: a library that crashes or
hangs costs only its own trial."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from media.errors import RunError
from media.identify import identify
from media.work import Lost, create_executor
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Asset, Examination, ProblemCode

__all__ = ["SAMPLES", "TRIALS", "Result", "Trial", "run_trials"]

SAMPLES = Path(__file__).with_name("samples")
SECONDS = 120.0
"""The time limit of a trial; most take less than one."""


class Failed(Exception):
    """A trial showed that something does not work."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that has to work."""

    name: str
    """What is tried, in words for a person."""
    run: Callable[[], str]
    """Returns what was done; raises any exception where it does not work. Called in a worker."""
    libraries: tuple[str, ...]
    """The distributions that it depends on; `ffmpeg` is the program."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a trial."""

    trial: Trial
    works: bool
    message: str
    """What was done, or the error."""


def run_trials(trials: tuple[Trial, ...] | None = None) -> Iterator[Result]:
    """Every trial's result, in the order of the trials."""
    tried = TRIALS if trials is None else trials
    outcomes: dict[Trial, str | Lost] = {}
    broken = "not tried"
    try:
        outcomes = dict(create_executor("local", jobs=1).run(_perform, tried, limit=lambda _: SECONDS))
    except (RunError, OSError) as error:
        broken = f"sealed workers do not start: {error}"
    for trial in tried:
        said = outcomes.get(trial, Lost(ProblemCode.CRASHED, broken))
        if isinstance(said, Lost):
            yield Result(trial, False, _last_line(said.message))
        else:
            yield Result(trial, True, said)


def _perform(trial: Trial) -> str:
    return trial.run()


def _last_line(message: str) -> str:
    """Of a traceback what was raised, without our own exception's name."""
    line = message.strip().rpartition("\n")[2]
    return line.removeprefix(f"{Failed.__module__}.{Failed.__qualname__}: ")


def _asset(path: Path) -> Asset:
    with path.open("rb") as file:
        found = identify(file, path.name, path.stat().st_size)
    return Asset(
        path=path.name,
        root=path.parent.name,
        location=str(path.parent),
        kind=found.kind,
        media_type=found.media_type,
        size=path.stat().st_size,
        mtime_ns=path.stat().st_mtime_ns,
    )


def _examine_sample(name: str, *wanted: str, folder: Path = SAMPLES) -> Examination:
    """The sample's examination. Raises `Failed` where it has a problem or a statement `reader:key` is missing."""
    seen = examine(_asset(folder / name), ExamineSettings())
    if seen.problems:
        raise Failed("; ".join(f"{problem.by}: {problem.message}" for problem in seen.problems))
    stated = {f"{item.reader}:{item.key}" for item in seen.evidence}
    if missing := [key for key in wanted if key not in stated]:
        raise Failed(f"{name} was read, but {', '.join(missing)} in it was not found")
    return seen


def _read(name: str, *wanted: str, folder: Path = SAMPLES) -> str:
    return f"{name}: {_format_count(len(_examine_sample(name, *wanted, folder=folder).evidence), 'statement')} read"


def _format_count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _picture() -> str:
    from media.still import DETAIL_SIDE, open_picture

    picture = open_picture(SAMPLES / "picture.jpg", at_least=DETAIL_SIDE)
    said = _read("picture.jpg", "exif:Software", "xmp:Iptc4xmpExt:DigitalSourceType", "iptc:ObjectName")
    return f"{said}, {picture.shape[1]}×{picture.shape[0]} pixels decoded"


def _heif() -> str:
    from media.still import DETAIL_SIDE, open_picture

    picture = open_picture(SAMPLES / "picture.heic", at_least=DETAIL_SIDE)
    return f"{_read('picture.heic', 'exif:Software')}, {picture.shape[1]}×{picture.shape[0]} pixels decoded"


def _jxl() -> str:
    return _read("packed.jxl", "xmp:Iptc4xmpExt:DigitalSourceType")


def _clip() -> str:
    from fingerprints.programmes.programme import read

    facts = _examine_sample("clip.mp4", "container:comment").media
    if facts is None or len(facts.codecs) < 2:
        raise Failed("clip.mp4 was opened, but its picture and sound were not found")
    programme = read(SAMPLES / "clip.mp4")
    if not len(programme.peaks.times):
        raise Failed("clip.mp4: no sound was decoded")
    return f"clip.mp4: {' and '.join(facts.codecs)}, {len(programme.numbers)} frames and its sound decoded"


def _sound() -> str:
    return _read("sound.mp3", "audio-tags:TXXX:comment")


def _document() -> str:
    return _read("document.pdf", "pdf:Info/Producer", "xmp:Iptc4xmpExt:DigitalSourceType")


def _manifest() -> str:
    seen = _examine_sample("manifest.jpg", "c2pa:actions.digitalSourceType")
    if any(item.facts.get("integrity") != "verified" for item in seen.evidence):
        raise Failed("manifest.jpg was read, but its content was not verified against its manifest")
    return f"manifest.jpg: {len(seen.evidence)} statements of a signed manifest read, its content verified"


def _library() -> str:
    from fingerprints.library.adding import Addition, add
    from fingerprints.library.library import Library
    from fingerprints.model import Details
    from fingerprints.stills.match import Matcher
    from fingerprints.vocabulary import Role
    from media.still import open_picture

    with TemporaryDirectory() as folder, closing(Library.create(Path(folder) / "library")) as library:
        (added,) = add(library, [Addition((SAMPLES / "picture.jpg",), Details(id="picture", role=Role.ARCHIVAL))])
        found = [match.reference for match in Matcher(library).match(open_picture(SAMPLES / "crop.jpg", at_least=640))]
    if found != ["picture"]:
        raise Failed(f"a cropped picture was compared with a library that holds it ({added.status}), and not found")
    return "crop.jpg found in a library that holds picture.jpg"


def _trace() -> str:
    from fingerprints.programmes.programme import read
    from fingerprints.programmes.sought import open_item
    from fingerprints.programmes.trace import trace

    found = trace([open_item(SAMPLES / "picture.jpg")], [read(SAMPLES / "clip.mp4")])
    if not found:
        raise Failed("picture.jpg is shown in clip.mp4, and was not found")
    return f"picture.jpg found in clip.mp4, frames {found[0].in_frame} to {found[0].out_frame - 1}"


def _spreadsheet() -> str:
    from media.tables import read_table

    rows = list(read_table(SAMPLES / "register.xlsx"))
    if not rows or "tool" not in [cell.text for cell in rows[0].cells]:
        raise Failed("register.xlsx was opened, but its headings were not found")
    return f"register.xlsx: {len(rows)} rows read"


def _timeline() -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cut.aaf"
        path.write_bytes(gzip.decompress((SAMPLES / "cut.aaf.gz").read_bytes()))
        return _read(path.name, "timeline:events", folder=path.parent)


def _rules() -> str:
    from scanner.judge.policy import builtin_policies, load_policy
    from scanner.judge.rules import load_rules

    policies = [load_policy(name) for name in builtin_policies()]
    return f"{len(load_rules().rules)} rules and {len(policies)} policies loaded"


def _report() -> str:
    from scanner.records.summary import Provenance, Tally
    from scanner.reports.html import HtmlReport

    made = Provenance(tool="provscan", started="", roots=(), policy={}, rules={}, versions={})
    page = "".join(HtmlReport().render(Tally().summary(made, fail_on=None), tuple))
    return f"an HTML report of {len(page)} characters written"


TRIALS: tuple[Trial, ...] = (
    Trial("picture", _picture, ("pillow", "exifread", "lxml")),
    Trial("picture, HEIF", _heif, ("pillow-heif", "exifread")),
    Trial("picture, JPEG XL metadata", _jxl, ("brotli", "ffmpeg")),
    Trial("clip", _clip, ("ffmpeg", "av", "ffmpeg-python", "numpy", "scipy")),
    Trial("sound", _sound, ("av",)),
    Trial("document", _document, ("pikepdf",)),
    Trial("manifest (C2PA)", _manifest, ("c2pa-python",)),
    Trial("compare pictures", _library, ("faiss-cpu", "opencv-python-headless", "imagehash", "numpy")),
    Trial("find a still in a clip", _trace, ("ffmpeg", "opencv-python-headless", "faiss-cpu", "scipy", "av")),
    Trial("spreadsheet", _spreadsheet, ("openpyxl",)),
    Trial("timeline (AAF)", _timeline, ("pyaaf2",)),
    Trial("rules and policies", _rules, ("regex", "provscan")),
    Trial("HTML report", _report, ("jinja2", "provscan")),
)
