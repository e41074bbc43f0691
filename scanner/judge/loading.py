"""Loads what records are judged by, as settings name it: rules, policies, registers, waivers and the setting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from scanner.config import Config
from scanner.judge.conclude import Judgement
from scanner.judge.policy import Register, Setting, Waivers, load_policies, load_register, load_waivers
from scanner.judge.rules import Engine, load_rules
from scanner.progress import Progress

__all__ = ["judgement_of"]


def judgement_of(config: Config, progress: Progress | None = None) -> Judgement:
    """Load the rules, policy, register and waivers of a configuration. Raises `ConfigError`."""
    columns, registers = dict(config.columns), _name_files(config.register)
    day = date.fromisoformat(config.delivery_date) if config.delivery_date else datetime.now(UTC).date()
    return Judgement(
        engine=Engine(load_rules(Path(path) for path in config.rules)),
        policy=load_policies(config.policy),
        register=Register(
            tuple(load_register(path, name, columns, progress) for path, name in registers),
            config.approvers,
        ),
        waivers=Waivers(tuple(load_waivers(path, name) for path, name in _name_files(config.waivers))),
        setting=Setting(genre=config.genre, day=day, use=config.use, territory=config.territory),
    )


def _name_files(files: Sequence[str]) -> list[tuple[Path, str]]:
    """Each file once, and what it is called: its name; where another is called so, the path that was given."""
    paths = [Path(path) for path in dict.fromkeys(files)]
    names = Counter(path.name for path in paths)
    return [(path, path.name if names[path.name] == 1 else str(path)) for path in paths]
