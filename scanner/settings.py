"""Finds the settings of a run: defaults < the user's configuration folder < the working folder or `--config` <
`PROVSCAN_*` < flags. Nothing inside the inspected folders is among them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from scanner.config import FILE_NAME, FILES, PREFIX, Config, check_values, read_environment, read_file

__all__ = ["NotRead", "Origins", "Settings", "load_settings", "program_settings", "user_file"]

_FLAGS = {"frames": "--keyframes", "categories": "--category"}
"""Flags that are not called as their setting is."""
_PATHS = (*FILES, "cache")
_GIVEN_TO_COMPARE = ("sources", "library")


@dataclass(frozen=True, slots=True)
class NotRead:
    """A `provscan.toml` in or above an inspected folder, which does not configure its inspection."""

    path: Path
    place: str
    """As reports name it, from the inspected folder's name: `EP101/provscan.toml`, `EP101/../provscan.toml`."""

    @property
    def hint(self) -> str:
        """Why, and the flag that would read it."""
        return (
            f"settings not read: {self.path} is in or above the delivery, and a delivery must not configure its own"
            f" scan. If the file is yours: --config {shlex.quote(str(self.path))}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where the settings of a run came from."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """Setting → the flag, the variable, or the file, without the folders of this machine."""
    read: frozenset[str] = frozenset()
    """The files that were read, by their real paths."""
    not_read: tuple[NotRead, ...] = ()

    def named(self, setting: str) -> str:
        """Where a setting came from; a default where nobody gave it."""
        return self.sources.get(setting, "default")

    def given(self, config: Config) -> tuple[dict[str, str], ...]:
        """Every setting that differs from its default: `name`, `value`, `from`. Paths by their last name only."""
        default = Config()
        return tuple(
            {
                "name": one.name,
                "value": _print_value(one.name, value),
                "from": self.sources.get(one.name, "the caller"),
            }
            for one in fields(Config)
            if (value := getattr(config, one.name)) != getattr(default, one.name)
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run, and where they came from."""

    config: Config
    origins: Origins


def user_file() -> Path | None:
    """`provscan.toml` in the user's configuration folder; None where that folder has no absolute path."""
    folder = platformdirs.user_config_path("provscan", appauthor=False)
    return folder / FILE_NAME if folder.is_absolute() else None


def load_settings(
    inspected: Sequence[Path],
    *,
    file: Path | None,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    before: Mapping[str, Any] | None = None,
) -> Settings:
    """Load the settings of a run over the `inspected` paths. `flags` hold only what was given; None and () count as not
    given. `before` are the settings of the run that is judged again: they hold where nothing else is given. Raises
    `ConfigError`.

    The working folder's file is the nearest `provscan.toml` from there upward. None is looked for while the working
    folder is inside an inspected folder, a library or a folder of sources, also through a link: everything above may
    have come with the delivery. A file that is a link into such a folder is not read either.
    """
    flags = {name: value for name, value in flags.items() if value not in (None, ())}
    variables = read_environment(environ)
    user = user_file()
    layers = _Layers(before or {}, "summary.json of the scan")
    if user is not None and _is_file(user):
        layers.add(read_file(user), f"{FILE_NAME} in the user's configuration folder", user)
    over = {**layers.values, **variables, **flags}
    beside = [Path(path) for name in _GIVEN_TO_COMPARE for path in over.get(name, ())]
    guard = _Guard((*inspected, *beside))
    named = _find_named_file(file, environ)
    chosen, said = named or (_upward(guard), "found from the current folder upward")
    if chosen is not None:
        shown = chosen.name if named else os.path.relpath(chosen)
        layers.add(read_file(chosen), f"{Path(shown).as_posix()}, {said}", chosen)
    for name, value in variables.items():
        layers.add({name: value}, PREFIX + name.upper())
    for name, value in flags.items():
        layers.add({name: value}, _FLAGS.get(name, f"--{name.replace('_', '-')}"))
    read = frozenset(layers.read)
    not_read = tuple(guard.not_read(read))
    return Settings(Config(**layers.values), Origins(sources=layers.sources, read=read, not_read=not_read))


def program_settings(
    place: str, values: Mapping[str, Any], *, file: Path | None, before: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of a run that a program starts: those `before`, of the `file` that it names, and its own `values`,
    later ones over earlier ones. No other file and no environment variable is read. Raises `ConfigError`."""
    layers = _Layers(before or {}, "summary.json of the scan")
    if file is not None:
        layers.add(read_file(file), f"{file.name}, by config=", file)
    for name, value in check_values(place, values).items():
        layers.add({name: value}, f"{name}=")
    return Settings(Config(**layers.values), Origins(sources=layers.sources, read=frozenset(layers.read)))


class _Layers:
    """Settings, later ones over earlier ones, each with where it came from."""

    def __init__(self, values: Mapping[str, Any], source: str) -> None:
        self.values = dict(values)
        self.sources = dict.fromkeys(values, source)
        self.read: set[str] = set()

    def add(self, values: Mapping[str, Any], source: str, file: Path | None = None) -> None:
        self.values.update(values)
        self.sources.update(dict.fromkeys(values, source))
        if file is not None:
            self.read.add(os.path.realpath(file))


def _find_named_file(file: Path | None, environ: Mapping[str, str]) -> tuple[Path, str] | None:
    if file is not None:
        return file, "by --config"
    variable = f"{PREFIX}CONFIG"
    return (Path(environ[variable]), f"by {variable}") if environ.get(variable) else None


def _upward(guard: _Guard) -> Path | None:
    here = _here()
    if here is None or guard.holds(here):
        return None
    for folder in (here, *here.parents):
        candidate = folder / FILE_NAME
        if _is_file(candidate) and not guard.holds(Path(os.path.realpath(candidate)).parent):
            return candidate
    return None


class _Guard:
    """The folders that are inspected, as they were named and as they really are."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._folders: dict[Path, str] = {}
        """Whole path → what reports call it."""
        for path in paths:
            places = [Path(os.path.abspath(path)), Path(os.path.realpath(path))]  # noqa: PTH100 - `..` taken as written
            folders = places if path.is_dir() else [place.parent for place in places]
            for folder in folders:
                self._folders.setdefault(folder, folders[0].name)
        self._identities = {found for folder in self._folders if (found := _identity(folder))}

    def holds(self, folder: Path) -> bool:
        """Whether a folder is one of these or inside one, by its path or by its identity on disk."""
        real = Path(os.path.realpath(folder))
        return any(one in self._folders or _identity(one) in self._identities for one in (real, *real.parents))

    def not_read(self, read: frozenset[str]) -> Iterator[NotRead]:
        """Settings files in and above these folders, and from a working folder inside one of them upward."""
        known = set(read)
        named = ((folder, folder, name) for folder, name in self._folders.items())
        for start, base, name in (*self._around_here(), *named):
            for folder in (start, *start.parents):
                path = folder / FILE_NAME
                real = os.path.realpath(path)
                if _is_file(path) and real not in known:
                    known.add(real)
                    yield NotRead(path, "/".join(filter(None, (name, Path(os.path.relpath(path, base)).as_posix()))))

    def _around_here(self) -> Iterator[tuple[Path, Path, str]]:
        here = _here()
        if here is None:
            return
        for one in (here, *here.parents):
            if one in self._folders:
                yield here, one, self._folders[one]


def _here() -> Path | None:
    """The working folder; None where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _is_file(path: Path) -> bool:
    """Whether a file is there that can be looked at; a folder that nobody may enter holds none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int] | None:
    """Device and number: the same for a folder that is mounted twice, or spelled in other letters."""
    try:
        seen = folder.stat()
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino) if seen.st_ino else None


def _print_value(name: str, value: Any) -> str:
    """A value as reports print it: of files and folders their last name, of a scheduler its protocol."""
    if name in ("categories", "columns"):
        return ", ".join(f"{glob} = {category}" for glob, category in value)
    if name == "scheduler":
        return f"{value.partition('://')[0]}://…" if "://" in value else "…"
    parts = value if isinstance(value, tuple) else (value,)
    if name in _PATHS:
        parts = tuple(Path(part).name for part in parts)
    if name == "policy":
        parts = tuple(Path(part).name if part.endswith(".toml") else part for part in parts)
    return ", ".join(map(str, parts))
