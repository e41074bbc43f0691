"""`provscan trace ITEM… --in PROGRAMME…`: where do these stills, clips and sounds appear?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.table import Table

from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment
from fingerprints.tracing import check_item, draw_strip, trace_programme
from media.decode import Medium, Mode
from media.errors import Malformed, MediaError
from media.frames import FILM, FrameSequence
from media.timecode import Timecode
from media.work import Lost, run_sealed
from media.work.share import limit_worker
from scanner.cli.options import memory_option, redact_option
from scanner.cli.terminal import Bar, out, plain
from scanner.clock import first_label
from scanner.discover.sequences import frames_at
from scanner.exit_codes import ExitCode
from scanner.output.document import check_target, write_document, write_documents
from scanner.records.redacted_references import redact_traced
from scanner.reports.traced import traced_edls, traced_json

__all__ = ["trace"]

P = ParamSpec("P")
R = TypeVar("R")
_FIRST_SECONDS: Final = 3600.0


class _Programme(click.ParamType[Medium]):
    """A file, or the printf pattern of a frame sequence."""

    name = "programme"

    def convert(self, value: str | Medium, param: click.Parameter | None, ctx: click.Context | None) -> Medium:
        if not isinstance(value, str):
            return value
        path = Path(value)
        if path.is_file():
            return path
        frames = frames_at(path)
        if frames is None:
            pattern = "name a frame sequence by its pattern, such as reel.%06d.dpx"
            self.fail(f"{value}: no such file and no such frame sequence ({pattern})", param, ctx)
        start = Timecode(frames.ranges[0][0], FILM)  # as file names count: 86400 is 01:00:00:00
        return FrameSequence(path.parent, path.name, frames.ranges, start=str(start))


class _Trace(click.Command):
    """`--in` takes all that follows it, as a shell's pattern gives it, up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        spelled: list[str] = []
        inside = first = False
        for word in args:
            if word == "--in":
                inside = first = True
                continue
            if word.startswith("-") and word != "-":
                inside = False
            spelled += ["--in", word] if inside else [word]
            first = False
        if first:
            raise click.UsageError("--in needs a programme.", ctx)
        return super().parse_args(ctx, spelled)


@click.command(
    cls=_Trace,
    epilog="""
\b
Examples:
  provscan trace still.png --in EP101.mov EP102.mov
  provscan trace still.png clip.mov music.wav --in EP101.mov --edl found.edl --strip found.png
  provscan trace --library ARCHIVE --in EP101.mov
  provscan trace still.png --in reel1/reel1.%07d.dpx
""",
)
@click.argument("items", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--in",
    "programmes",
    multiple=True,
    required=True,
    metavar="PROGRAMME…",
    type=_Programme(),
    help="Programmes to search, one or more; a frame sequence by its pattern, reel.%06d.dpx.",
)
@click.option(
    "--library",
    "libraries",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also search for all references of a library; may be repeated. [none]",
)
@click.option(
    "--edl",
    type=click.Path(path_type=Path),
    help="Also write the matches as a CMX 3600 EDL; of several programmes, a file for each.",
)
@click.option(
    "--strip",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the first and last frame of each match as a PNG.",
)
@click.option(
    "--fps",
    type=click.FloatRange(0.1, 60),
    help="Quick search: compare this many frames a second, no sound. [all frames]",
)
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", help="Output format. [table]")
@click.option("--keyframes", is_flag=True, help="Quickest search: compare key frames only, no sound.")
@memory_option("reported as not inspected")
@redact_option
def trace(
    items: tuple[Path, ...],
    programmes: tuple[Medium, ...],
    libraries: tuple[Path, ...],
    edl: Path | None,
    picture: Path | None,
    fps: float | None,
    form: str,
    keyframes: bool,
    memory: int | None,
    redact: bool,
) -> int:
    """Find stills, clips and sounds in finished programmes, with timecodes. A library is optional.

    Every frame is compared. Material that was cropped, graded, mirrored, zoomed, sped up or composited into
    another picture is found too. No match does not prove that the material is absent.
    """
    if not (items or libraries):
        raise click.UsageError("name what to search for: a picture, a clip, a sound, or --library DIR")
    read_here = (*items, *(medium for medium in programmes if isinstance(medium, Path)))
    for flag, target in (("--edl", edl), ("--strip", picture)):
        if target is not None:
            check_target(flag, target, read_here)
    limit_worker(memory)
    sought, code = list[Path](), ExitCode.OK
    found: list[tuple[Programme, tuple[Segment, ...]]] = []
    with Bar() as bar:
        bar.stage("Opening", len(items))
        for path in items:
            bar.step(path.name)
            try:
                _sealed(check_item, _seconds(path), path)
                sought.append(path)
            except MediaError as fault:
                code = _skipped(path, fault)
        bar.stage("Searching", len(programmes))
        for medium in programmes:
            path = medium.path if isinstance(medium, FrameSequence) else medium
            bar.step(path.name)
            try:
                mode = Mode(fps=fps, keyframes=keyframes)
                programme, segments = _sealed(trace_programme, _seconds(medium), tuple(sought), libraries, medium, mode)
            except MediaError as fault:
                code = _skipped(path, fault)
                continue
            found.append((programme, segments))
            if programme.fault:
                code = ExitCode.INCOMPLETE
    shown = redact_traced(found, sought) if redact else found
    if redact:
        sought = [Path(path.name) for path in sought]
    if form == "json":
        click.echo(traced_json(shown, sought), nl=False)
    else:
        _print(out(), shown, sought)
    if edl is not None:
        for path in write_documents("--edl", edl, traced_edls(shown), "found.edl", read_here):
            click.echo(f"Written: {path}", err=True)
    if picture is not None:
        try:
            drawn = [(programme, named) for (programme, _), (_, named) in zip(found, shown, strict=True)]
            write_document(picture, [_sealed(draw_strip, _FIRST_SECONDS, drawn)])
        except MediaError as fault:
            click.echo(f"could not draw {picture}: {fault}", err=True)
            code = ExitCode.INCOMPLETE
    return ExitCode.FOUND if any(segments for _, segments in found) else code


def _seconds(medium: Medium) -> float:
    """How long searching it may take: an hour, and four seconds for every megabyte."""
    frames, path = (len(medium), medium.frame(medium.first)) if isinstance(medium, FrameSequence) else (1, medium)
    with suppress(OSError):  # the worker reports it
        return _FIRST_SECONDS + 4e-6 * frames * path.stat().st_size
    return _FIRST_SECONDS


def _sealed(function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R:
    """What the sealed worker makes of media. `MediaError` where they crash it, hang or need too much memory."""
    answer = run_sealed(function, seconds, *args, **kwargs)
    if isinstance(answer, Lost):
        raise Malformed(answer.brief)
    return answer


def _skipped(path: Path, fault: MediaError) -> ExitCode:
    click.echo(f"could not inspect {path}: {fault}", err=True)
    return ExitCode.INCOMPLETE


def _print(console: Console, found: list[tuple[Programme, tuple[Segment, ...]]], sought: list[Path]) -> None:
    for programme, segments in found:
        console.rule(plain(str(programme.path)), align="left")
        console.print(f"{programme.seconds:.1f} s from {_first(programme)}, {programme.mode}")
        if programme.fault:
            console.print(f"[bold]searched in part[/]: {plain(programme.fault)}")
        if programme.note:
            console.print(plain(programme.note))
        if not segments:
            console.print("no match found")
            continue
        table = Table(box=None, pad_edge=False)
        for heading in ("in", "out", "what", "", "from", "to", "speed", "seen", "score"):
            table.add_column(heading, no_wrap=heading in ("in", "out"), overflow="fold")
        for one in segments:
            start, stop = labels(programme, one)
            table.add_row(
                start, stop, plain(Path(one.reference).name), one.kind,
                f"{one.reference_in:.2f}", f"{one.reference_out:.2f}", f"{one.speed:.3g}", _seen(programme, one),
                f"{one.score:g} {one.by} (from {one.threshold:g})",
            )  # fmt: skip
        console.print(table)
    named = {one.reference for _, segments in found for one in segments}
    for path in sought:
        if str(path) not in named:
            console.print(f"not found: {plain(str(path))}")


def _seen(programme: Programme, segment: Segment) -> str:
    words = ["mirrored"] if segment.flip else []
    if segment.is_doubtful:
        kind = "recording of the view" if segment.reference_out > 0 else "photograph of the place"
        words.append(f"uncertain: or another {kind}")
    if isinstance(programme.medium, FrameSequence):
        first, last = (programme.number_of(frame) for frame in (segment.in_frame, segment.out_frame - 1))
        words.append(f"frames {first}–{last}")
    if (
        segment.region is not None
        and (segment.region[2] - segment.region[0]) * (segment.region[3] - segment.region[1]) < 0.6
    ):
        words.append("in {:.0%} {:.0%} – {:.0%} {:.0%}".format(*segment.region))
    return ", ".join(words)


def labels(programme: Programme, segment: Segment) -> tuple[str, str]:
    """In and out as timecodes of the programme's own clock; the out is the frame after the last."""
    first = _first(programme)
    return str(first + segment.in_frame), str(first + segment.out_frame)


def _first(programme: Programme) -> Timecode:
    return first_label(programme.start, programme.rate, programme.sound)
