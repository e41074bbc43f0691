"""`python -m tests.benchmarks.stills FOLDER [--half first] [--write]`: photographs inside pictures, found or not.

FOLDER holds photographs of your own. They are parted by a seed into a half for setting thresholds and a half that is
held back (`--half last`). Of each half, most become references; some are strangers, which lie around the planted ones
and take their places in near misses: every kind of picture is made as often with strangers only, in the same
furniture, as with references, and the library also has other strangers in that furniture. Whatever is found of what
was not planted is false.
`--shoots` names a folder of folders, each of one shoot: every second picture of each becomes a reference, and is not
to be found in the others. `--more` names photographs that are references and nothing else.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fingerprints.library.adding import Addition, add
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Role
from tests.benchmarks.measure import written
from tests.benchmarks.peers import PEERS, Peer
from tests.benchmarks.scenes import GRAPHIC, MUSTS, SCENES, picture_of
from tests.benchmarks.table import table
from tests.benchmarks.transforms import TRANSFORMS, photos_in, transformed

PAGE = Path(__file__).parents[2] / "docs/matching.md"
SEED = 17
_SIDE = 640
_FURNISHED = 2
"""Pictures of strangers of each kind that are references themselves."""

Photo = np.ndarray
Ask = Callable[[Photo], frozenset[str]]


@dataclass(frozen=True)
class Asked:
    """One picture that is looked up, and what is in it."""

    kind: str
    planted: frozenset[str]
    """Names of references; none in a near miss."""
    picture: Photo


@dataclass
class Answers:
    """What a method made of the pictures."""

    name: str
    found: list[frozenset[str]] = field(default_factory=list)
    spent: float = 0.0
    """Seconds of processor."""


@dataclass(frozen=True)
class Half:
    """Photographs by what they are for."""

    references: Sequence[Path]
    strangers: Sequence[Path]
    furniture: Sequence[Path]

    @classmethod
    def of(cls, photos: Sequence[Path], which: str) -> Half:
        """Two thirds of a half are references."""
        order = np.random.default_rng(SEED).permutation(len(photos))
        mine = [photos[row] for row in (order[::2] if which == "first" else order[1::2])]
        most, more = round(len(mine) * 0.64), round(len(mine) * 0.84)
        return cls(mine[:most], mine[most:more], mine[more:])


def _open(path: Path) -> Photo:
    image = Image.open(path).convert("RGB")
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    return np.asarray(image)


def _made(kind: str, photos: Sequence[Path], around: Path, turn: int) -> Photo:
    rng = np.random.default_rng([SEED, turn, sum(map(ord, kind))])
    if kind in SCENES:
        return picture_of(kind, [_open(path) for path in photos], _open(around), rng)
    pair = [Image.fromarray(_open(path)) for path in (photos[0], around)]
    return transformed(kind, *pair, f"{photos[0].name} {turn}")


def pictures(half: Half, kinds: Sequence[str], count: int) -> Iterator[Asked]:
    """Of each kind `count` with references and as many with strangers."""
    for kind in kinds:
        many = SCENES[kind].photos if kind in SCENES else 1
        for turn in range(count):
            rng = np.random.default_rng([SEED, sum(map(ord, kind)), turn])
            chosen = [half.references[row] for row in rng.choice(len(half.references), many, replace=False)]
            others = [half.strangers[row] for row in rng.choice(len(half.strangers), many + 1, replace=False)]
            yield Asked(kind, frozenset(path.name for path in chosen), _made(kind, chosen, others[-1], turn))
            yield Asked(kind, frozenset(), _made(kind, others[:-1], others[-1], turn))


def _furnished(half: Half, kinds: Sequence[str], folder: Path) -> Iterator[Path]:
    """References that are strangers in the furniture of near misses: the same titles, frames and walls."""
    folder.mkdir()
    for place, kind in enumerate(kind for kind in kinds if kind in SCENES):
        for turn in range(_FURNISHED):
            rng = np.random.default_rng([SEED + 1, place, turn])
            rows = rng.choice(len(half.furniture), SCENES[kind].photos + 1, replace=False)
            paths = [half.furniture[row] for row in rows]
            to = folder / f"furniture {place:02} {turn}.png"
            # The same graphics, but no second exposure of the same table or wall, which is a picture that is shared.
            seed = turn if kind in GRAPHIC else turn + 1000
            Image.fromarray(_made(kind, paths[:-1], paths[-1], seed)).save(to)
            yield to


def _shoots(folder: Path) -> tuple[list[Path], list[Path]]:
    """Of each folder's pictures, those that become references, and those that are asked."""
    kept, asked = [], []
    for shoot in sorted(path for path in folder.iterdir() if path.is_dir()):
        paths = photos_in(shoot)
        kept += paths[::2]
        asked += paths[1::2]
    return kept, asked


def _library(paths: Sequence[Path], folder: Path) -> Library:
    if folder.exists():
        return Library.open(folder)
    library = Library.create(folder)
    for added in add(library, (Addition((path,), Details(id=path.name, role=Role.ARCHIVAL)) for path in paths)):
        if added.message:
            print(added.id, added.status, added.message)
    return library


def _timed(name: str, ask: Ask, asked: Sequence[Asked]) -> Answers:
    answers = Answers(name)
    for one in asked:
        began = time.process_time()
        answers.found.append(ask(one.picture))
        answers.spent += time.process_time() - began
    return answers


def _share(answers: Answers, asked: Sequence[Asked], kinds: Sequence[str]) -> tuple[int, int, int, int]:
    """Found, planted, false, and pictures in which a false one could be found: near misses."""
    found = planted = false = misses = 0
    for one, seen in zip(asked, answers.found, strict=True):
        if one.kind in kinds:
            found += len(one.planted & seen)
            planted += len(one.planted)
            false += len(seen - one.planted)
            misses += not one.planted
    return found, planted, false, misses


def _rows(asked: Sequence[Asked], answers: Sequence[Answers], kinds: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for kind in kinds:
        cells = [_share(one, asked, [kind]) for one in answers]
        misses = cells[0][3]
        yield kind, *(f"{found} of {planted}" for found, planted, _, _ in cells), f"{cells[0][2]} of {misses}"


def _report(asked: Sequence[Asked], answers: Sequence[Answers], count: int) -> Iterator[str]:
    ours = answers[0]
    yield f"{count:,} references, {len(asked):,} pictures.\n"
    groups = {
        "kinds that must be found": MUSTS,
        "other hard kinds": tuple(kind for kind in SCENES if kind not in MUSTS),
        "the transforms of the table above": tuple(TRANSFORMS),
        "same shoot": ("same shoot",),
    }
    rows = []
    for name, kinds in groups.items():
        if not any(one.kind in kinds for one in asked):
            continue
        cells = [_share(one, asked, kinds) for one in answers]
        shares = (f"{found / planted:.3f}" if planted else "-" for found, planted, _, _ in cells)
        rows.append((name, *shares, f"{cells[0][2]} of {cells[0][3]}"))
    heads = ("kind", *(one.name for one in answers), "false, near misses")
    yield table(heads, rows)
    yield table(heads, _rows(asked, answers, tuple(dict.fromkeys(one.kind for one in asked))))
    costs = (f"{one.name} {1000 * one.spent / len(asked):.0f}" for one in answers)
    yield "Milliseconds of processor a picture: " + ", ".join(costs) + ".\n"
    for one, seen in zip(asked, ours.found, strict=True):
        for wrong in sorted(seen - one.planted):
            print(f"false: {one.kind} → {wrong}")


def _ours(library: Library) -> Ask:
    matcher = Matcher(library)
    return lambda picture: frozenset(match.reference for match in matcher.match(picture))


def _peer(peer: Peer, paths: Sequence[Path], asked: Sequence[Asked]) -> Answers:
    """At its largest threshold that has no false answer in this run."""
    stored = peer.describe([_open(path) for path in paths])
    ranked = _timed(peer.name, lambda picture: peer.rank(picture, stored), asked)  # type: ignore[arg-type]
    names = [path.name for path in paths]
    wrong = [
        min((far for row, far in seen.items() if names[row] not in one.planted), default=np.inf)  # type: ignore[attr-defined]
        for one, seen in zip(asked, ranked.found, strict=True)
    ]
    limit = min(wrong)
    found = [frozenset(names[row] for row, far in seen.items() if far < limit) for seen in ranked.found]  # type: ignore[attr-defined]
    return Answers(peer.name, found, ranked.spent)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stills", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("first", "last"), default="first")
    parser.add_argument("--count", type=int, default=6, help="pictures of each kind, and as many near misses")
    parser.add_argument(
        "--only", default="", help="kinds, parted by semicolons; `scenes` and `transforms` are all of them"
    )
    parser.add_argument("--more", type=Path, help="photographs that are references and nothing else")
    parser.add_argument("--shoots", type=Path)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the library, used again by the next run")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/matching.md")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    groups = {"scenes": tuple(SCENES), "transforms": tuple(TRANSFORMS), "": (*SCENES, *TRANSFORMS)}
    kinds = groups.get(chosen.only) or tuple(chosen.only.split(";"))
    half = Half.of(photos_in(chosen.folder), chosen.half)
    kept, others = _shoots(chosen.shoots) if chosen.shoots else ([], [])
    more = photos_in(chosen.more) if chosen.more else []
    asked = [*pictures(half, kinds, chosen.count), *(Asked("same shoot", frozenset(), _open(path)) for path in others)]
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        furnished = [*_furnished(half, tuple(SCENES), Path(work) / "furniture")]
        paths = [*half.references, *furnished, *kept, *more]
        with _library(paths, chosen.keep or Path(work) / "library") as library:
            answers = [_timed("provscan", _ours(library), asked)]
        if chosen.peers:
            answers += [_peer(peer, paths, asked) for peer in PEERS()]
        text = "\n".join(_report(asked, answers, len(paths)))
    print(text)
    if chosen.write:
        written(PAGE, f"stills {chosen.half}", text)


if __name__ == "__main__":
    main()
