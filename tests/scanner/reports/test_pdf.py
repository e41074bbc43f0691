"""The PDF report, read back by PDFium and pikepdf."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from PIL import Image

import scanner.reports.typeset
from media.errors import MissingDependency
from scanner.model import Asset, Record
from scanner.records.summary import Summary
from scanner.reports.pdf import PdfReport
from scanner.reports.pictures.pictures import Pictures, picture_name
from tests.scanner.reports.handmade import RECORDS, SCRIPT, quiet, stopped, summed
from tests.scanner.reports.read_back import pages_of_pdf


class Drawn(Pictures):
    """The same picture for every file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def size(self, name: str) -> int:
        return len(self.data)

    def read(self, name: str) -> bytes:
        return self.data


def jpeg() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (320, 180), (200, 60, 20)).save(data, "JPEG")
    return data.getvalue()


def made(report: PdfReport, records: tuple[Record, ...] = RECORDS, **about: str) -> bytes:
    summary: Summary = summed(records)
    summary = replace(summary, provenance=replace(summary.provenance, about=about))
    return b"".join(report.render(summary, lambda: records))


def named(record: Record, path: str) -> Record:
    asset: Asset = replace(record.examination.asset, path=path)
    return replace(record, examination=replace(record.examination, asset=asset))


def objects(data: bytes) -> list[dict[str, str]]:
    """The keys of every dictionary and stream, with their values as PDF writes them."""
    with pikepdf.open(io.BytesIO(data)) as document:
        return [
            {key: str(one[key]) for key in one}
            for one in document.objects
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream)
        ]


def test_page_one_is_what_is_signed() -> None:
    data = made(PdfReport(), job="4711", title="Episode 101", version="v03", operator="The operator")
    pages = pages_of_pdf(data)
    first = " ".join(pages[0].split())
    for words in (
        "Provenance report: Episode 101", "4711", "v03", "The operator", "NOT READY: 2 blockers, 2 issues",
        "found 9 = written 9", "art/keyart_final.png", "promo/teaser_30s.mp4", "Next step: A register row",
        "Sign-off", "Signature", "do not deliver",
    ):  # fmt: skip
        assert words in first
    assert [f"page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert len(pages) > 1


def test_it_is_tagged_and_has_a_title_and_a_language() -> None:
    with pikepdf.open(io.BytesIO(made(PdfReport()))) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en"
        assert root.ViewerPreferences.DisplayDocTitle
        roles = {
            str(one.S)
            for one in document.objects
            if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one
        }
        assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L"} <= roles
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1", "it conforms to PDF/UA where the fonts have every character"


def test_a_link_leads_to_each_file_that_is_listed() -> None:
    with pikepdf.open(io.BytesIO(made(PdfReport()))) as document:
        links = [one for one in document.pages[0].Annots if one.Subtype == "/Link"]
        assert len(links) >= 4
        assert all("/Dest" in one or one.A.S == "/GoTo" for one in links)


def test_nothing_in_it_runs_or_is_fetched() -> None:
    hostile = [
        named(stopped("a", 1), path) for path in ('#eval("1").png', "*b* $x$ @ref <l> `raw`.png", f"{SCRIPT}.png")
    ]
    data = made(PdfReport(), (*RECORDS, *hostile))
    for one in objects(data):
        assert not {"/JavaScript", "/JS", "/AA", "/OpenAction", "/EmbeddedFiles", "/EF", "/Launch"} & one.keys()
        assert one.get("/S") not in ("/URI", "/JavaScript", "/Launch", "/SubmitForm", "/GoToR", "/ImportData")
    text = "".join(pages_of_pdf(data)).replace("\n", "")
    for words in ('#eval("1").png', "*b* $x$ @ref <l> `raw`.png", f"{SCRIPT}.png"):
        assert words in text


def test_pictures_are_in_it_with_words_for_who_does_not_see_them() -> None:
    records = (stopped("art/keyart.png"), quiet("slate.png"))
    assert picture_name(records[0])
    data = made(PdfReport(Drawn(jpeg())), records)
    document = pypdfium2.PdfDocument(data)
    images = [one for page in document for one in page.get_objects(filter=[3])]
    assert len(images) == 1
    assert any("/Alt" in one for one in objects(data))
    everywhere = made(PdfReport(Drawn(jpeg())))
    assert "could not be typeset" not in "".join(pages_of_pdf(everywhere))
    assert sum(len(list(page.get_objects(filter=[3]))) for page in pypdfium2.PdfDocument(everywhere)) > 3


def test_a_picture_that_is_none_costs_only_itself() -> None:
    text = "".join(
        pages_of_pdf(made(PdfReport(Drawn(b"\xff\xd8\xff" + b"no picture" * 50)), (stopped("art/keyart.png"),)))
    )
    assert "The pictures could not be typeset." in text
    assert "art/keyart.png" in text


def test_a_long_delivery_is_bounded_and_still_counted() -> None:
    records = tuple(stopped(f"art/{number:04}.png", number) for number in range(60))
    text = "".join(pages_of_pdf(made(PdfReport(full=5, lines=10), records)))
    assert "found 60 = written 60" in text
    assert "10 more files, in short; 45 more are in report.xlsx and report.html" in " ".join(text.split())
    assert len(pages_of_pdf(made(PdfReport(full=5, lines=10), records))) < 10


def test_characters_without_a_font_are_said_to_lack() -> None:
    records = (named(stopped("a"), "絵/キーアート.png"),)
    text = " ".join("".join(pages_of_pdf(made(PdfReport(), records))).split())
    assert "NOT READY: 1 blocker" in text


def test_an_empty_run_and_one_that_passes() -> None:
    assert "NOTHING INSPECTED" in pages_of_pdf(made(PdfReport(), ()))[0]
    first = pages_of_pdf(made(PdfReport(), (quiet("slate.png"),)))[0]
    assert "Nothing to settle" in first
    assert "NO MARKER FOUND: 1 file inspected" in first


def test_a_machine_without_typst_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner.reports.typeset, "find_spec", lambda _: None)
    with pytest.raises(MissingDependency, match=r"pip install 'provscan\[pdf\]'"):
        PdfReport().check()
