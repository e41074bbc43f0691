"""What reports state of a sign-off at the desk: who, when, for which records, and what was open then. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.records.summary import Summary
from scanner.reports.wording import trim

__all__ = ["NOT_CRYPTOGRAPHIC", "sign_off", "sign_off_lines"]

NOT_CRYPTOGRAPHIC: Final = "The name was typed: this is not a cryptographic signature."
_NAME: Final = 200
_OPEN: Final = 400


def sign_off(summary: Summary) -> tuple[str, ...]:
    """Sentences, for reports that print sentences; none where nobody signed."""
    lines = dict(sign_off_lines(summary))
    if not lines:
        return ()
    if "Void" in lines:
        return (lines["Void"],)
    who = f"{lines['Name']}, {lines['Role']}" if lines["Role"] else lines["Name"]
    return (
        f"{lines['Decision']}: signed off by {who}, on {lines['Date']}. Records SHA-256 {lines['Records']}."
        f" Open at that time: {lines['Open']}. {NOT_CRYPTOGRAPHIC}",
    )


def sign_off_lines(summary: Summary) -> Iterator[tuple[str, str]]:
    """(what, words) pairs for reports that have a block for it; one pair, `Void`, where the records changed since."""
    signed = summary.provenance.signed
    if not signed:
        return
    if summary.seal is None or summary.seal.sha256 != signed.get("records"):
        yield (
            "Void",
            (
                f"The sign-off by {trim(signed.get('name', ''), _NAME)} does not apply: it was given for other records"
                f" (SHA-256 {trim(signed.get('records', ''), 64)})."
            ),
        )
        return
    for what, key, length in (
        ("Decision", "decision", _NAME), ("Name", "name", _NAME), ("Role", "role", _NAME), ("Date", "day", 20),
        ("Records", "records", 64), ("Open", "open", _OPEN),
    ):  # fmt: skip
        yield what, trim(signed.get(key, ""), length)
