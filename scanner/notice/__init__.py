"""What a production asks before it proceeds, and what it sends to its contact: triage of planned uses, and notices."""

from __future__ import annotations

from scanner.notice.planned import planned_json, planned_lines, planned_markdown

__all__ = ["planned_json", "planned_lines", "planned_markdown"]
