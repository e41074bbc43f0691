"""How people fill in a register's sheet: the words of its closed columns, and the cells that must not stay empty."""

from __future__ import annotations

from collections.abc import Mapping

from media.workbook import ColumnInput
from scanner.judge.register.columns import APPROVAL, COLUMNS, REQUIRED
from scanner.judge.vocabulary import CLOSED, vocabulary_of
from scanner.model import Category

__all__ = ["entry_of"]

_APPROVED = 'TRIM({status}2)="approved"'
_GENERAL = {"title", "episode", "notes"}


def entry_of() -> Mapping[str, ColumnInput]:
    """Column → how to fill it in."""
    return {column: _entry(column, hint) for column, hint in COLUMNS.items() if column not in _GENERAL}


def _entry(column: str, hint: str) -> ColumnInput:
    vocabulary = vocabulary_of(column) if column in CLOSED else None
    choices = vocabulary.names if vocabulary else tuple(map(str, Category)) if column == "category" else ()
    needed = "always" if column in REQUIRED else _APPROVED if column in APPROVAL else ""
    return ColumnInput(choices=choices, is_several=bool(vocabulary and vocabulary.is_list), needed=needed, hint=hint)
