"""Line-up is what a picture or a sound is, and never what its file is called."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fingerprints.prints.landmarks import Listener
from fingerprints.prints.line_up import line_up_of
from fixtures.photos import photograph
from media.decode import SOUND_RATE
from tests.fingerprints.test_landmarks import babble, tune

SIZE = (640, 360)


def _coded(image: Image.Image) -> np.ndarray:
    """As a codec leaves it."""
    data = cv2.imencode(".jpg", np.asarray(image.convert("L")), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def bars() -> Image.Image:
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for column, colour in enumerate(("#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf")):
        draw.rectangle((column * 640 / 7, 0, (column + 1) * 640 / 7 - 1, 359), fill=colour)
    return image


def card(*lines: str, ground: str = "#101010", ink: str = "#ebebeb", size: int = 28) -> Image.Image:
    image = Image.new("RGB", SIZE, ground)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 50 + number * size * 1.5), line, fill=ink, font=ImageFont.load_default(size))
    return image


def _slate() -> Image.Image:
    image = card("PROD EP101", "SCENE 12  TAKE 3", "FPS 25  1920 x 1080", ground="#787878", ink="#101010")
    ImageDraw.Draw(image).rectangle((20, 30, 620, 330), outline="#101010", width=2)
    ImageDraw.Draw(image).line((20, 140, 620, 140), fill="#101010", width=2)
    return image


def _leader(swept: int = 0) -> Image.Image:
    image = Image.new("RGB", SIZE, "#969696")
    draw = ImageDraw.Draw(image)
    if swept:
        draw.pieslice((-100, -220, 740, 580), -90, swept - 90, fill="#646464")
    draw.line((0, 180, 640, 180), fill="#141414", width=3)
    draw.line((320, 0, 320, 360), fill="#141414", width=3)
    for radius in (130, 150):
        draw.ellipse((320 - radius, 180 - radius, 320 + radius, 180 + radius), outline="#ebebeb", width=4)
    draw.text((275, 95), "3", fill="#0a0a0a", font=ImageFont.load_default(150))
    return image


def _sketch() -> Image.Image:
    image, draw = Image.new("RGB", SIZE, "#f0f0f0"), np.random.default_rng(1)
    for _ in range(25):
        ImageDraw.Draw(image).line(
            [tuple(point) for point in draw.uniform((0, 0), SIZE, (6, 2))], fill="black", width=3
        )
    return image


def _figure(*words: str) -> Image.Image:
    image = card(*words, ground="#f0f0f0", ink="#202020")
    ImageDraw.Draw(image).ellipse((250, 100, 390, 240), fill="#5a5a5a")
    ImageDraw.Draw(image).rectangle((200, 240, 440, 340), fill="#969696")
    return image


def _faint() -> Image.Image:
    """A photograph that shines through the ground of a title."""
    ground = photograph("rocket", SIZE).convert("RGB")
    return Image.blend(card("The Island", size=52), ground, 0.08)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        pytest.param(bars(), "signal", id="bars"),
        pytest.param(card("The Island", size=52), "card", id="title"),
        pytest.param(
            card("Directed by", "Another Person", "Edited by", "A Third Person", size=22), "card", id="credits"
        ),
        pytest.param(_slate(), "card", id="slate with a box"),
        pytest.param(_leader(), "card", id="leader"),
        pytest.param(_leader(swept=130), "card", id="leader, half swept"),
        pytest.param(_sketch(), "no", id="storyboard"),
        pytest.param(_figure(), "no", id="flat figure"),
        pytest.param(_figure("A LOGO WITH WORDS"), "no", id="flat figure with words"),
        pytest.param(_faint(), "no", id="title over a faint picture"),
        pytest.param(photograph("coffee", SIZE), "no", id="photograph"),
    ],
)
def test_what_a_picture_is(image: Image.Image, kind: str) -> None:
    assert line_up_of(_coded(image)) == kind


def _sounding(sound: np.ndarray) -> float:
    """Seconds."""
    listener = Listener()
    listener.take(0.0, (np.clip(sound, -1, 1) * 32767).astype(np.int16))
    listener.close()
    return float(listener.sounding(0.0).sum()) * 256 / SOUND_RATE


def test_a_tone_silence_and_room_tone_say_nothing() -> None:
    time, draw = np.arange(10 * SOUND_RATE) / SOUND_RATE, np.random.default_rng(2)
    tone = 0.1 * np.sin(2 * np.pi * 1000 * time)
    room = draw.normal(0, 0.003, len(time))
    assert [_sounding(sound) for sound in (tone, 0 * time, room, tone + room / 10)] == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_speech_and_music_sound(seed: int) -> None:
    assert _sounding(tune(seed, 10)) > 9
    assert _sounding(babble(seed, 10)) > 9
    assert _sounding(tune(seed, 10) * 10 ** (-25 / 20)) > 9


def test_what_follows_a_tone_sounds() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(6 * SOUND_RATE) / SOUND_RATE)
    assert _sounding(np.concatenate([tone, tune(4, 5)])) == pytest.approx(5, abs=0.6)
