"""Decides whether a licence permits what a delivery is for: media and territory, in the words of archival logs. Pure.

Rule: logs are free text. `yes` and `no` are returned only for wordings that are understood completely; any other gives
`unknown`, and a person reads the licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from scanner.model import Outlet

__all__ = ["is_unbounded", "permits"]

_MEDIA: Mapping[str, tuple[str, ...]] = {
    **{use.replace("-", " "): (use,) for use in Outlet if use is not Outlet.ONLINE},
    **dict.fromkeys(("cinema", "cinemas", "theatre", "theatres", "theater", "theaters"), ("theatrical",)),
    **dict.fromkeys(("festivals", "film festival", "film festivals"), ("festival",)),
    **dict.fromkeys(("subscription vod", "subscription video on demand"), ("svod",)),
    **dict.fromkeys(("fvod", "ad supported vod", "ad supported video on demand"), ("avod",)),
    **dict.fromkeys(("est", "transactional vod", "transactional video on demand"), ("tvod",)),
    **dict.fromkeys(("vod", "video on demand"), ("svod", "avod", "tvod")),
    "streaming": ("svod", "avod"),
    **dict.fromkeys(("tv", "television", "broadcast", "broadcast tv", "broadcast television"), ("free-tv", "pay-tv")),
    **dict.fromkeys(("free to air", "fta", "free television", "free to air tv"), ("free-tv",)),
    "pay television": ("pay-tv",),
    **dict.fromkeys(("dvd", "blu ray", "home entertainment", "home videogram"), ("home-video",)),
    "social media": ("social",),
    **dict.fromkeys(("trailer", "trailers", "promos", "promotion", "promotional", "advertising"), ("promo",)),
    **dict.fromkeys(("marketing", "publicity"), ("promo",)),
    "educational": ("education",),
    **dict.fromkeys(("inflight", "airline", "airlines"), ("in-flight",)),
}
"""A log's words → the uses that they name. `Online`, `digital` and the like are left out: everybody means another."""
_PLACES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("uk", "united kingdom", "great britain"), ("gb",)),
    **dict.fromkeys(("usa", "united states", "united states of america"), ("us",)),
    **{"canada": ("ca",), "north america": ("us", "ca"), "ireland": ("ie",), "australia": ("au",)},
    **{"new zealand": ("nz",), "germany": ("de",), "austria": ("at",), "switzerland": ("ch",)},
    **{"france": ("fr",), "spain": ("es",), "italy": ("it",), "japan": ("jp",)},
    **{"benelux": ("be", "nl", "lu"), "dach": ("de", "at", "ch"), "gsa": ("de", "at", "ch"), "anz": ("au", "nz")},
}
_OUTLETS = frozenset(map(str, Outlet))
_ALL = "all"
_WORLD = "world"
_EVERY = re.compile(
    r"(?:all|any|every)(?: media\b.*| rights| uses| platforms| territories| countries)?|unrestricted"
    r"|(?:the |throughout the )?(?:world(?: ?wide)?|universe|global(?:ly)?)(?: rights)?"
)
_BUT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excl(?:\.|uding|uded?|usive of)?|without|other than|but(?: not)?|not(?: for)?)"
    r"(?: |$)|\bno (?=[a-z]{3})"
)
_PARTS = re.compile(r"[,;/|+&]|\band\b|\bor\b")
_TERM = re.compile(r"(?:for )?\d+ ?(?:years?|yrs?|months?)|(?:in )?perpetuity|perpetual|[\d .]+")
"""What belongs to the term of a licence: some logs keep it in the same cell."""


def permits(stated: str, asked: Iterable[str]) -> str:
    """Whether what a log states covers all uses or territories of the delivery: `yes`, `no` or `unknown`."""
    answers = {_permits(stated, word.lower()) for word in asked}
    return next((answer for answer in ("no", "unknown") if answer in answers), "yes")


def is_unbounded(stated: str) -> bool:
    """Whether it permits any use or territory."""
    return _permits(stated, "") == "yes"


@lru_cache(maxsize=4096)
def _permits(stated: str, asked: str) -> str:
    """One use or territory. What is excluded goes before what is permitted."""
    given, *rest = _BUT.split(re.sub(r"[\s_\-‐-―]+", " ", stated.lower()))
    held = list(_understand(given, asked))
    barred = [one for said in rest for one in _understand(said, asked)]
    if asked in barred or _ALL in barred or (asked == _WORLD and barred):
        return "no"
    if None in barred:
        return "unknown"
    if asked in held or _ALL in held:
        return "yes"
    return "no" if held and None not in held else "unknown"


def _understand(said: str, asked: str) -> Iterator[str | None]:
    """What each part of a text names; None for one that is not understood."""
    known = _MEDIA if asked in _OUTLETS else _PLACES
    for part in (one.strip(" .:") for one in _PARTS.split(said)):
        bare = part.removeprefix("all ").removesuffix(" only").removesuffix(" rights")
        if not part or _TERM.fullmatch(part):
            continue
        if _EVERY.fullmatch(part):
            yield _ALL
        elif bare == asked.replace("-", " "):
            yield asked
        elif names := known.get(bare):
            yield from names
        else:
            yield bare if known is _PLACES and re.fullmatch("[a-z]{2}", bare) else None
