"""Strings that attack, in every field that a stranger can fill in: nothing runs, nothing is asked for, nothing breaks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from media.timelines.event import EditSequence, Event
from scanner.model import Examination, Kind, Outcome, Record, Scan, Verdict
from scanner.reports.html import HtmlReport
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, asset, summed

pytestmark = pytest.mark.browser

ATTACKS = (
    "<script>window.owned = 1</script>",
    "\"><img src=x onerror='window.owned = 2'>",
    "' autofocus onfocus='window.owned = 3' x='",
    "</style><style>@import 'http://127.0.0.1:9/a.css'; body { display: none }</style>",
    "</script><script src='http://127.0.0.1:9/b.js'></script>",
    "</title></textarea></pre></svg></template><svg onload='window.owned = 4'><a xlink:href='javascript:window.owned = 5'>",
    "<iframe src='http://127.0.0.1:9/c'></iframe><link rel=prefetch href='http://127.0.0.1:9/d'>",
    "<base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/e'>",
    "{{ cycler.__init__.__globals__ }}{% include '/etc/passwd' %}${7*7}",
    "javascript:window.owned = 6",
    "--><!--><![CDATA[<b id=owned>]]>\x1b]8;;http://127.0.0.1:9/\x07\u202egnp",
)
ATTACK = " ".join(ATTACKS)

KEPT = ("id", "because", "rate", "labels", "root", "location")
"""What links the parts of a record, or must be of a form to be one."""


def poisoned(value: Any, name: str = "") -> Any:
    """The same with an attack behind every text that is not one of a vocabulary."""
    if name in KEPT or isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value.replace("%", "%%") + ATTACK if name != "path" else f"{ATTACK}/{value}"
    if isinstance(value, Mapping):
        return {key: poisoned(it, key) for key, it in value.items()}
    if isinstance(value, tuple):
        if name == "evidence" and all(
            isinstance(it, str) for it in value
        ):  # ids of the statements that a finding rests on
            return value
        return tuple(poisoned(it, name if isinstance(it, str) else "") for it in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {it.name: poisoned(getattr(value, it.name), it.name) for it in dataclasses.fields(value) if it.init}
        try:
            return dataclasses.replace(value, **fields)
        except ValueError:  # a place of the record that is checked when it is made
            return value
    return value


def timeline() -> Record:
    event = Event(name=ATTACK, where=ATTACK, reel=ATTACK, record_in="01:00:00:00", record_out="01:20:00:00")
    found = asset("edit/EP101_v03.edl", Kind.TIMELINE, "text/plain")
    seen = Examination(asset=found, sequences=(EditSequence(ATTACK, (event,)),))
    return Record(examination=seen, verdict=Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE))


_POISONED = poisoned(RECORDS[2])
_SEEN = dataclasses.replace(
    _POISONED.examination, asset=RECORDS[2].examination.asset, media=RECORDS[2].examination.media
)
CLIP = dataclasses.replace(_POISONED, examination=_SEEN)
"""With its own name and clock, so that its cut is found and laid under it."""
RUN = (*(poisoned(record) for record in RECORDS), CLIP, timeline())


@pytest.fixture
def page(browser, tmp_path: Path):
    made = dataclasses.replace(
        PROVENANCE,
        roots=(ATTACK,),
        warnings=(ATTACK,),
        policy={"name": ATTACK, "title": ATTACK},
        versions={ATTACK: ATTACK},
        settings={ATTACK: ATTACK},
        given=({"name": ATTACK, "value": ATTACK, "from": ATTACK},),
        not_read=(ATTACK,),
        not_checked=(ATTACK,),
        register=poisoned(PROVENANCE.register),
        waivers=poisoned(PROVENANCE.waivers),
    )
    summary = dataclasses.replace(summed(RUN), provenance=made)
    (tmp_path / "report.html").write_text("".join(HtmlReport().render(summary, lambda: RUN)), "utf-8")
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get((tmp_path / "report.html").as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    browser.execute_script("document.querySelectorAll('a, button, input, summary').forEach((it) => it.focus())")
    browser.execute_async_script("setTimeout(arguments[0], 500)")
    return browser


def test_nothing_runs_and_nothing_is_asked_for(page) -> None:
    assert page.execute_script("return window.owned") is None
    assert (
        page.execute_script("return document.querySelector('#owned, img, iframe, base, [onerror], [onfocus]')") is None
    )
    assert page.execute_script("return document.scripts.length") == 1
    assert page.execute_script("return document.styleSheets.length") == 1
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
    assert {address.partition(":")[0] for address in asked} <= {"file", "data"}
    assert len([address for address in asked if address.startswith("file")]) == 1
    assert page.get_log("browser") == []


def test_links_lead_within_the_page_only(page) -> None:
    found = page.execute_script("return [...document.querySelectorAll('[href], [src], [action]')].map((it) => "
                                "it.getAttribute('href') ?? it.getAttribute('src') ?? it.getAttribute('action'))")  # fmt: skip
    assert found
    assert all(
        address.startswith("#file-") or address in ("#work", "#todo", "#signoff", "#unchecked") for address in found
    )


def test_the_attacks_are_shown_as_the_words_that_they_are(page) -> None:
    text = page.execute_script("return document.body.textContent")
    for attack in ATTACKS[:-1]:
        assert attack in text
    assert "\\u202egnp" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_the_filter_still_works(page) -> None:
    rules = page.execute_script("return [...document.forms[0].elements.rule.options].map((it) => it.value)")
    for rule in rules[1:]:
        page.execute_script(
            "const form = document.forms[0]; form.elements.rule.value = arguments[0];"
            "form.dispatchEvent(new Event('input', {bubbles: true}))",
            rule,
        )
        page.execute_async_script("setTimeout(arguments[0], 200)")
        assert page.execute_script("return document.querySelectorAll('.file:not([hidden])').length") >= 1, rule


def test_the_cut_of_a_hostile_timeline_is_drawn(page) -> None:
    names = page.execute_script("return [...document.querySelectorAll('.events text')].map((it) => it.textContent)")
    assert names
    assert all("<script>" in name for name in names)
