"""Trials that pass, fail, crash and hang. A worker imports them within their time limit: nothing else is here."""

from __future__ import annotations

import os
import time

from scanner.self_test.trials import Failed

__all__ = ["crash", "refuse", "stand_still", "succeed"]


def refuse() -> str:
    raise Failed("no [stream] was found")


def crash() -> str:
    os.abort()


def stand_still() -> str:
    time.sleep(3600)
    return ""


def succeed() -> str:
    return "done"
