"""Motion photos and gain maps: what the XMP of a still names behind its picture is there, or the asset says so."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from fixtures.blanks import blank
from fixtures.formats import jpeg
from media.errors import Malformed, MediaError, StatementUnread
from media.whole import check_whole
from tests.scanner import stills
from tests.scanner.timebased import box

_SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
)
_MOVIE = blank(".mp4")


def _packet(body: str, attributes: str = "") -> bytes:
    described = f'<rdf:Description rdf:about="" {_SPACES} {attributes}>{body}</rdf:Description>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_SPACES}>{described}</rdf:RDF></x:xmpmeta>'.encode()


def _directory(*items: str) -> bytes:
    listed = "".join(f'<rdf:li rdf:parseType="Resource"><Container:Item {item}/></rdf:li>' for item in items)
    return _packet(f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>")


_PRIMARY = 'Item:Mime="image/jpeg" Item:Semantic="Primary" Item:Padding="0"'


def _named(form: str, size: int) -> bytes:
    return {
        "directory": _directory(_PRIMARY, f'Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="{size}"'),
        "older": _packet("", f'GCamera:MicroVideo="1" GCamera:MicroVideoOffset="{size}"'),
        "elements": _packet(
            "<Container:Directory><rdf:Seq><rdf:li rdf:parseType='Resource'><Item:Mime>video/mp4</Item:Mime>"
            f"<Item:Semantic>MotionPhoto</Item:Semantic><Item:Length>{size}</Item:Length></rdf:li></rdf:Seq>"
            "</Container:Directory>"
        ),
    }[form]


def _still(packet: bytes) -> bytes:
    plain = blank(".jpg")
    return plain[:2] + jpeg.xmp_segment(packet) + plain[2:]


def _fault(data: bytes, media_type: str = "image/jpeg") -> MediaError | None:
    try:
        check_whole(BytesIO(data), media_type, len(data))
    except MediaError as error:
        return error
    return None


@pytest.mark.parametrize("form", ["directory", "older", "elements"])
def test_movie_that_is_named_must_be_there(form: str) -> None:
    still = _still(_named(form, len(_MOVIE)))
    assert _fault(still + _MOVIE) is None
    for length in (0, 100, len(_MOVIE) // 2, len(_MOVIE) - 1):
        assert type(_fault(still + _MOVIE[:length])) is Malformed


def test_gain_map_that_an_editor_removed_is_a_remark_and_a_cut_one_is_damage() -> None:
    out = BytesIO()
    Image.new("L", (64, 64), 90).save(out, "JPEG")
    still = _still(_directory(_PRIMARY, f'Item:Mime="image/jpeg" Item:Semantic="GainMap" Item:Length="{out.tell()}"'))
    assert _fault(still + out.getvalue()) is None
    assert type(_fault(still)) is StatementUnread
    assert type(_fault(still + out.getvalue()[:-20])) is Malformed


def test_picture_that_names_nothing_is_whole() -> None:
    assert _fault(_still(_packet("", 'GCamera:HdrPlusMakernote="x"'))) is None
    assert _fault(_still(b"<not xml http://ns.google.com/photos/1.0/")) is None


@pytest.mark.parametrize("media_type", ["image/heif", "image/avif"])
def test_movie_in_a_box_of_heif(media_type: str) -> None:
    packet = _directory(
        _PRIMARY.replace("jpeg", "heic").replace('"0"', '"8"'),
        f'Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="{len(_MOVIE)}"',
    )
    whole = stills.heif((b"application/rdf+xml", packet), behind=box("mpvd", _MOVIE))
    assert _fault(whole, media_type) is None
    assert type(_fault(whole[: -len(_MOVIE) - 8], media_type)) is Malformed
