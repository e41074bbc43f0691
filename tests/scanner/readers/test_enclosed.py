"""Files inside files of every kind: what they state counts for the file that holds them."""

from __future__ import annotations

import base64
import json
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import pytest

from fixtures import encode
from fixtures.blanks import blank, still, voice
from fixtures.formats import documents, jpeg, ole, png, psd, riff, xmp
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Examination

SOURCE = {"Iptc4xmpExt:DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"}
PACKET = xmp.packet(SOURCE)
NOVEL = png.insert(png.png(still(size=(64, 48))), png.plain("Software", "NovelAI"))
PHOTO = jpeg.jpeg(still(size=(64, 48)))
MADE = jpeg.insert(PHOTO, jpeg.xmp_segment(PACKET))


def examined(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def members(base: bytes, extra: dict[str, bytes]) -> bytes:
    out = BytesIO(base)
    with zipfile.ZipFile(out, "a") as archive:
        for name, data in extra.items():
            archive.writestr(name, data)
    return out.getvalue()


def deck(**extra: bytes) -> bytes:
    return members(documents.word(("Deck",), {}), {name.replace("__", "/"): data for name, data in extra.items()})


def drawn(picture: bytes, breaks: str = "") -> str:
    text = base64.b64encode(picture).decode()
    lines = breaks.join(text[at : at + 76] for at in range(0, len(text), 76))
    return f"data:image/png;base64,{lines}"


def pdf_with(picture: bytes, packet: bytes = b"", *, attached: bytes = b"", is_packed: bool = False) -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 200))
    image = document.make_stream(picture, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=48)
    image.ColorSpace, image.BitsPerComponent, image.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
    if packet:
        image.Metadata = document.make_stream(packet, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = document.make_stream(b"q 300 0 0 200 0 0 cm /Im0 Do Q")
    if attached:
        document.attachments["sky.png"] = pikepdf.AttachedFileSpec(document, attached, filename="sky.png")
    out = BytesIO()
    document.save(out, compress_streams=is_packed)
    return out.getvalue()


def smart_object(picture: bytes, *, version: int = 7, child: str = "", description: bytes = b"") -> bytes:
    """A PSD in which a PNG is placed whole."""
    name = "sky.png\0".encode("utf-16-be")
    entry = b"liFD" + struct.pack(">IB3s", version, 3, b"uid") + struct.pack(">I", len(name) // 2) + name
    entry += b"png 8BIM" + struct.pack(">QB", len(picture), 1 if description else 0) + description + picture
    if version >= 5:
        entry += struct.pack(">I", len(child)) + child.encode("utf-16-be")
    entry += bytes(8) * (version >= 6) + bytes(1) * (version >= 7)
    block = struct.pack(">Q", len(entry)) + entry + bytes(-len(entry) % 4)
    tagged = b"8BIMlnk2" + struct.pack(">I", len(block)) + block
    plain = psd.psd(still(size=(32, 24)))
    at = 26 + 4 + 4  # header, no colour table, no resources
    (size,) = struct.unpack_from(">I", plain, at)
    return (
        plain[:at]
        + struct.pack(">I", size + len(tagged))
        + plain[at + 4 : at + 4 + size]
        + tagged
        + plain[at + 4 + size :]
    )


def with_cover(suffix: str, *options: str) -> bytes:
    with TemporaryDirectory() as folder:
        sound, cover = Path(folder) / "sound.wav", Path(folder) / "cover.png"
        sound.write_bytes(riff.wav(voice(0.5)))
        cover.write_bytes(NOVEL)
        attached = ("-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic")
        return encode.encode(suffix, "-i", sound, *((options and ("-attach", cover)) or attached), *options)


def native(picture: bytes) -> bytes:
    """A picture as Packager puts it into a document."""
    inner = b"\2\0sky.png\0C:\\sky.png\0" + struct.pack("<HHI", 0, 3, 6) + b"T.png\0" + struct.pack("<I", len(picture))
    return struct.pack("<I", len(inner) + len(picture)) + inner + picture


def mail(name: str, data: bytes) -> bytes:
    says = {"\x05SummaryInformation": ole.property_set(((ole.SUMMARY, {2: "Board"}, {}),))}
    return ole.compound({**says, name: data})


SOUND = riff.append(riff.wav(voice(0.2)), riff.chunk(b"_PMX", PACKET))


@pytest.mark.parametrize(
    ("name", "make", "place"),
    [
        ("no-suffix.pptx", lambda: deck(ppt__media__image1=NOVEL), "ppt/media/image1"),
        ("other-suffix.docx", lambda: deck(word__media__image1_bin=NOVEL), "word/media/image1_bin"),
        ("sound.pptx", lambda: deck(ppt__media__media1_wav=SOUND), "ppt/media/media1_wav"),
        (
            "nested.docx",
            lambda: deck(word__embeddings__a=deck(word__media__b=NOVEL)),
            "word/embeddings/a, word/media/b",
        ),
        ("page.pdf", lambda: pdf_with(MADE), "page 1, picture 1"),
        ("packed.pdf", lambda: pdf_with(MADE, is_packed=True), "page 1, picture 1"),
        ("metadata.pdf", lambda: pdf_with(PHOTO, PACKET), "object "),
        ("attached.pdf", lambda: pdf_with(PHOTO, attached=NOVEL), "attachment sky.png"),
        ("drawn.svg", lambda: documents.svg(b"", f'<image href="{drawn(NOVEL)}"/>'), "data URI @ "),
        ("lines.svg", lambda: documents.svg(b"", f'<image href="{drawn(NOVEL, "&#xA;")}"/>'), "data URI @ "),
        ("style.svg", lambda: documents.svg(b"", f"<style>a{{b:url({drawn(NOVEL)})}}</style>"), "data URI @ "),
        ("page.html", f"<!doctype html><html><img src='{drawn(NOVEL)}'></html>".encode, "data URI @ "),
        ("notes.md", f"# Notes\n![sky]({drawn(NOVEL)})\n".encode, "data URI @ "),
        ("motion.json", lambda: json.dumps({"p": drawn(NOVEL)}).replace("/", "\\/").encode(), "data URI @ "),
        ("key.psd", lambda: smart_object(NOVEL, description=bytes(range(90))), "smart object sky.png"),
        ("old.psd", lambda: smart_object(NOVEL, version=2), "smart object sky.png"),
        ("child.psd", lambda: smart_object(NOVEL, child="a child", description=bytes(9)), "smart object sky.png"),
        ("board.doc", lambda: mail("\x01Ole10Native", native(NOVEL)), "object sky.png"),
        ("cover.mp3", lambda: with_cover(".mp3"), "cover 1"),
        ("cover.flac", lambda: with_cover(".flac"), "cover 1"),
        ("cover.mka", lambda: with_cover(".mka", "-metadata:s:t", "mimetype=application/x"), "attachment cover.png"),
    ],
)
def test_a_file_contains_what_a_file_in_it_states(
    name: str, make: Callable[[], bytes], place: str, tmp_path: Path
) -> None:
    seen = examined(tmp_path / name, make())
    assert not seen.problems
    (finding,) = Engine(load_rules()).detect(seen.evidence).findings
    assert finding.claim is Claim.CONTAINS
    assert f"Inside it ({place}" in finding.text


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("plain.pdf", lambda: pdf_with(PHOTO, attached=b"cue,title\n1M1,Main\n")),
        ("plain.pptx", lambda: deck(ppt__media__image1_jpg=PHOTO, ppt__printer_bin=bytes(900), word__fonts__a=b"?")),
        ("plain.svg", lambda: documents.svg(b"", f'<image href="{drawn(PHOTO)}"/><image href="data:,x"/>')),
        ("words.md", lambda: b"An address begins with data:image/png;base64,... and ends.\n"),
        ("plain.psd", lambda: smart_object(PHOTO)),
        ("video.mp4", lambda: blank(".mp4")),
    ],
)
def test_what_states_nothing_inside_finds_nothing(name: str, make: Callable[[], bytes], tmp_path: Path) -> None:
    seen = examined(tmp_path / name, make())
    assert not seen.problems
    assert not Engine(load_rules()).detect(seen.evidence).findings


def test_objects_of_other_programs_do_not_block_a_document(tmp_path: Path) -> None:
    """Old equations and charts have no properties and no pictures; macros hold neither."""
    other = ole.compound({"Equation Native": bytes(600), "\x01CompObj": b"?"})
    seen = examined(tmp_path / "deck.pptx", deck(ppt__embeddings__a=other, ppt__vbaProject=b"x"))
    (problem,) = seen.problems
    assert not problem.blocking
    assert "ppt/embeddings/a: a compound file without document properties" in problem.message


def test_an_archive_in_a_document_is_reported_as_not_read(tmp_path: Path) -> None:
    inner = members(b"PK\x05\x06" + bytes(18), {"sky.png": NOVEL})
    (problem,) = examined(tmp_path / "board.docx", deck(word__embeddings__a_zip=inner)).problems
    assert "word/embeddings/a_zip: an archive inside it was not read" in problem.message


def test_files_in_files_are_read_to_a_depth_that_ends(tmp_path: Path) -> None:
    data = deck(word__media__a=NOVEL)
    for _ in range(5):
        data = deck(word__embeddings__a=data)
    assert not Engine(load_rules()).detect(examined(tmp_path / "deep.docx", data).evidence).findings
