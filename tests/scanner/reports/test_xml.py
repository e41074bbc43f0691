"""XML in pieces: whatever a file says, the document is well-formed and the words are still there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scanner.reports.xml import Markup, close, element, opening, text

ANY = st.text(st.characters(categories=None))
"""Also control characters, lone surrogates and what is no character at all."""


@given(ANY, ANY)
def test_any_words_make_a_document(inside: str, attribute: str) -> None:
    tree = etree.fromstring(element("a", inside, b=attribute).encode("utf-8"))
    assert (tree.text or "").isascii() or set(tree.text or "") <= set(inside) | set("\\ux0123456789abcdefU")
    assert len(tree) == 0


@given(st.text(st.characters(categories=["L", "N", "P"])))
def test_words_that_can_do_nothing_stay_as_they_are(words: str) -> None:
    tree = etree.fromstring(element("a", words, b=words).encode("utf-8"))
    assert (tree.text or "", tree.get("b")) == (words, words)


def test_only_xml_goes_in_as_it_is() -> None:
    assert element("a", element("b", "<c>"), "<d>") == "<a><b>&lt;c&gt;</b>\n&lt;d&gt;</a>\n"
    assert opening("a", type_='"x"') + close("a") == '<a type="&quot;x&quot;"></a>\n'
    assert isinstance(text("<"), Markup)


def test_what_xml_cannot_hold_is_written_out() -> None:
    assert text("\x00\x0b\ufffe\uffff\ud800\udcff") == r"\x00\x0b\ufffe\uffff\ud800\xff"
