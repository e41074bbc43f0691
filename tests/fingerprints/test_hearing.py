"""What is heard by its waveform, from when to when, and what is not named because its peaks are missing in the open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from fingerprints.prints.waveform import LEVEL, RATE, flattened, opened, signs
from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import Query
from fingerprints.programmes.sound.echoes import Echo, echoes
from fingerprints.programmes.trace import trace
from fingerprints.vocabulary import Measure
from fixtures.formats.riff import wav
from media.decode import SOUND_RATE
from tests.fingerprints.test_landmarks import babble, tune


def _whole(sound: np.ndarray) -> np.ndarray:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def _laid(seconds: float, sound: np.ndarray, at: float, decibels: float, seed: int = 1) -> np.ndarray:
    """A sound under speech."""
    programme = babble(seed, seconds)
    first = round(at * SOUND_RATE)
    programme[first : first + len(sound)] += sound * 10 ** (decibels / 20)
    return programme


def _echoes(programme: np.ndarray, *references: np.ndarray) -> list[Echo]:
    packed = [signs(flattened(_whole(one))) for one in references]
    return echoes(flattened(_whole(programme)), packed, [len(one) / SOUND_RATE for one in references])


def test_what_is_flat_has_one_level_and_silence_none() -> None:
    flat = flattened(_whole(np.concatenate([babble(1, 4), np.zeros(4 * SOUND_RATE), 0.2 * babble(2, 4)])))
    parts = [flat[int(second * RATE) : int((second + 2) * RATE)].astype(float) for second in (1, 5, 9)]
    assert [part.std() for part in parts] == pytest.approx([LEVEL, 0, LEVEL], abs=LEVEL / 4)
    assert np.array_equal(opened(signs(flat))[: len(flat)], np.where(flat >= 0, 1, -1))


def test_four_seconds_at_18_decibels_under_speech_are_found_to_the_frame() -> None:
    cue = tune(2, 12)
    programme = _laid(60, cue[4 * SOUND_RATE : 8 * SOUND_RATE], 20, -18)
    (one,) = _echoes(programme, tune(3, 12), cue)
    assert one.item == 1
    assert one.offset == pytest.approx(16, abs=0.002)
    assert (one.start, one.end) == pytest.approx((20, 24), abs=0.25)


def test_a_cue_that_is_longer_than_a_piece_and_a_block_is_one_instance() -> None:
    cue = tune(4, 70)
    (one,) = _echoes(_laid(100, cue, 12, -12), cue)
    assert (one.start, one.end) == pytest.approx((12, 82), abs=0.3)


def test_a_cue_that_is_cut_at_the_begin_and_the_end_of_the_programme() -> None:
    cue = tune(2, 10)
    programme = np.concatenate([cue[3 * SOUND_RATE :], babble(1, 20), cue[: 5 * SOUND_RATE]])
    found = _echoes(programme, cue)
    assert [(one.start, one.end) for one in found] == [pytest.approx(sides, abs=0.2) for sides in ((0, 7), (27, 32))]


def test_other_music_and_speech_are_not_found() -> None:
    programme = np.concatenate([babble(5, 40), tune(6, 40), np.zeros(SOUND_RATE * 5), tune(7, 20) + babble(8, 20)])
    assert _echoes(programme, *(tune(seed, 12) for seed in (20, 21, 22)), babble(30, 8)) == []


def test_a_tone_agrees_with_itself_everywhere_and_is_not_found() -> None:
    def chord(seconds: float) -> np.ndarray:
        time = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
        return 0.05 * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 660 * time) + np.sin(2 * np.pi * 880 * time))

    assert _echoes(_laid(40, chord(20), 10, 0), chord(8)) == []


def test_each_turn_of_a_loop_has_its_in_and_its_out(tmp_path: Path) -> None:
    bar = tune(2, 12)[4 * SOUND_RATE : 8 * SOUND_RATE]
    found = _traced(tmp_path, _laid(50, np.resize(bar, 10 * SOUND_RATE), 20, -9), tune(2, 12))
    sides = [(one.in_seconds, one.out_seconds) for one in found]
    assert sides == [pytest.approx(turn, abs=0.3) for turn in ((20, 24), (24, 28), (28, 30))]
    assert all((one.reference_in, one.speed) == (pytest.approx(4, abs=0.3), 1.0) for one in found)


def test_a_cue_that_only_its_waveform_finds_says_so(tmp_path: Path) -> None:
    cue = tune(2, 12)
    (one,) = _traced(tmp_path, _laid(60, cue[4 * SOUND_RATE : 8 * SOUND_RATE], 20, -20), cue)
    assert one.by is Measure.WAVEFORM
    assert one.score >= one.threshold
    assert (one.reference_in, one.reference_out) == pytest.approx((4, 8), abs=0.3)


@pytest.mark.parametrize("speed", [1.03, 0.97, 25 / 24])
def test_the_sides_of_varispeed_under_speech(tmp_path: Path, speed: float) -> None:
    cue = signal.resample_poly(tune(2, 12), 1200, round(1200 * speed))
    (one,) = _traced(tmp_path, _laid(50, cue, 20, -9), tune(2, 12))
    assert one.speed == pytest.approx(round(1200 * speed) / 1200, abs=1e-4)
    assert (one.in_seconds, one.out_seconds) == pytest.approx((20, 20 + 12 / speed), abs=0.2)


def test_the_sides_of_sound_that_runs_backwards(tmp_path: Path) -> None:
    (one,) = _traced(tmp_path, _laid(50, tune(2, 12)[SOUND_RATE:][::-1], 20, -9), tune(2, 12))
    assert one.speed == -1.0
    assert (one.in_seconds, one.out_seconds) == pytest.approx((20, 31), abs=0.25)
    assert (one.reference_in, one.reference_out) == pytest.approx((1, 12), abs=0.25)


def _reading(words: range, others: range) -> np.ndarray:
    """Short phrases, one after the other; those in the second list are read in another way."""
    return np.concatenate([tune((200 if word in others else 100) + word, 0.7)[: SOUND_RATE // 2] for word in words])


@pytest.mark.parametrize(("others", "is_found"), [(range(0), True), (range(1, 16, 2), False)])
def test_another_reading_misses_peaks_in_the_open_and_is_not_named(
    tmp_path: Path, others: range, is_found: bool
) -> None:
    programme = np.concatenate([babble(1, 5), _reading(range(16), others), babble(2, 5)])
    found = _traced(tmp_path, programme, _reading(range(16), range(0)))
    assert [(one.in_seconds, one.out_seconds) for one in found] == ([pytest.approx((5, 13), abs=0.3)] * is_found)


def _item(folder: Path, sound: np.ndarray, name: str) -> Programme:
    path = folder / name
    path.write_bytes(wav(_whole(sound).tobytes(), rate=SOUND_RATE, channels=1))
    return read(path, reference=name != "programme.wav")


def _traced(folder: Path, programme: np.ndarray, *references: np.ndarray) -> list[Segment]:
    items = [
        Query(f"{number}.wav", folder / f"{number}.wav", clip=_item(folder, sound, f"{number}.wav"))
        for number, sound in enumerate(references)
    ]
    return list(trace(items, [_item(folder, programme, "programme.wav")]))
