"""What is wrong with a register's rows: each fault once, with the numbers of its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.judge.register.cells import Defect

__all__ = ["grouped"]

_NAMED = 20
"""Ranges of rows that one line names."""


def grouped(faults: Iterable[Defect]) -> Iterator[str]:
    """One line for each fault: first those that make a row count for less, then notes."""
    groups: dict[tuple[bool, str, str, str], list[int]] = {}
    for fault in faults:
        rows = groups.setdefault((not fault.grave, fault.file, fault.column, fault.message), [])
        if fault.row:
            rows.append(fault.row)
    for (note, file, column, message), rows in sorted(groups.items(), key=lambda it: it[0][0]):
        place = f"{file}, {_numbers(rows)}" if rows else file
        yield f"{'note: ' * note}{place}{', ' + column if column else ''}: {message}"


def _numbers(rows: Iterable[int]) -> str:
    """`row 4`, `rows 2–7, 9`."""
    ranges: list[list[int]] = []
    numbers = sorted(set(rows))
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in ranges[:_NAMED]]
    more = f" and {sum(last - first + 1 for first, last in ranges[_NAMED:])} more" if ranges[_NAMED:] else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(shown)}{more}"
