from pathlib import Path

import numpy as np
import pytest

from fingerprints.prints import chromaprint
from fingerprints.prints.landmarks import Listener, Peaks, landmarks
from fingerprints.programmes.sound.coincidence import SECOND, Places, coincidences
from fingerprints.programmes.sound.sounds import Heard, Sounds
from media.decode import SOUND_RATE


def tune(seed: int, seconds: float) -> np.ndarray:
    """Notes with overtones that die away; no two seeds are alike."""
    draw, made = np.random.default_rng(seed), np.zeros(int(seconds * SOUND_RATE))
    at = 0.0
    while at < seconds - 0.3:
        count = int(min(0.6, seconds - at) * SOUND_RATE)
        time, pitch = np.arange(count) / SOUND_RATE, 180 * 2 ** draw.uniform(0, 2)
        note = sum(np.sin(2 * np.pi * pitch * n * time) * draw.uniform(0.3, 1) / n for n in range(1, 8)) * np.exp(
            -4 * time
        )
        made[int(at * SOUND_RATE) : int(at * SOUND_RATE) + count] += note
        at += float(draw.choice([0.15, 0.2, 0.3]))
    return made / np.sqrt((made**2).mean()) * 0.1


def babble(seed: int, seconds: float) -> np.ndarray:
    """Noise in syllables, louder low than high, as speech is."""
    draw, count = np.random.default_rng(seed), int(seconds * SOUND_RATE)
    noise = np.fft.irfft(
        np.fft.rfft(draw.normal(0, 1, count)) / (1 + np.fft.rfftfreq(count, 1 / SOUND_RATE) / 500), count
    )
    beat = np.clip(
        np.interp(np.arange(count), np.arange(0, count, 1500), draw.uniform(-0.4, 1, len(range(0, count, 1500)))), 0, 1
    )
    return noise * beat / np.sqrt(((noise * beat) ** 2).mean()) * 0.1


def heard(sound: np.ndarray, block: int = 5000) -> Peaks:
    listener = Listener()
    samples = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    for start in range(0, len(samples), block):
        listener.take(start / SOUND_RATE, samples[start : start + block])
    listener.close()
    return listener.peaks(0.0)


@pytest.mark.parametrize("decibels", [0, -9])
def test_a_tune_under_speech_is_found_in_time(decibels: int) -> None:
    programme = babble(1, 60)
    programme[20 * SOUND_RATE : 30 * SOUND_RATE] += tune(2, 10) * 10 ** (decibels / 20)
    (found,) = Sounds([heard(tune(2, 10)), heard(tune(3, 10))]).heard(heard(programme))
    assert (found.item, found.speed) == (0, 1.0)
    assert found.start - found.reference_start == pytest.approx(20, abs=0.05)
    assert (found.start, found.end) == pytest.approx((20, 30), abs=0.6)


def test_other_sound_is_not_found() -> None:
    programme = np.concatenate([babble(5, 60), tune(6, 60), np.zeros(SOUND_RATE * 5), tune(7, 30) + babble(8, 30)])
    assert Sounds([heard(tune(seed, 12)) for seed in (20, 21, 22)]).heard(heard(programme)) == []


def _bars(chords: list[int]) -> np.ndarray:
    """One bar of two seconds a seed, one after the other: the same beat whatever the seeds are."""
    made = []
    for seed in chords:
        draw, bar = np.random.default_rng(seed), np.zeros(2 * SOUND_RATE)
        for first in range(0, len(bar), SOUND_RATE // 4):
            time = np.arange(SOUND_RATE // 4) / SOUND_RATE
            for pitch in 220 * 2 ** (draw.choice([0, 2, 4, 5, 7, 9, 11, 12], 2) / 12):
                note = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in range(1, 7)) * np.exp(-5 * time)
                bar[first : first + len(time)] += note
        made.append(bar)
    whole = np.concatenate(made)
    return whole / np.sqrt((whole**2).mean()) * 0.1


def _found(reference: np.ndarray, programme: np.ndarray) -> list[Heard]:
    return Sounds([heard(reference)]).heard(heard(programme))


def test_another_tune_on_the_same_beat_and_in_the_same_key_is_no_sound_heard_again() -> None:
    assert _found(_bars([1, 2, 3, 4, 5, 6]), _bars(list(range(100, 145)))) == []


def test_a_loop_agrees_with_itself_at_every_bar_and_is_found_all_the_same() -> None:
    programme = babble(5, 40) * 0.05
    programme[10 * SOUND_RATE : 22 * SOUND_RATE] += _bars([1] * 6)
    (one,) = _found(_bars([1] * 6), programme)
    assert (one.start, one.end) == pytest.approx((10, 22), abs=0.3)


def test_a_programme_that_is_the_sound_and_nothing_else() -> None:
    (one,) = _found(tune(2, 10), tune(2, 10))
    assert (one.start, one.end) == pytest.approx((0, 10), abs=0.1)


def test_more_places_need_more_agreement() -> None:
    programme = babble(1, 40)
    programme[20 * SOUND_RATE : 30 * SOUND_RATE] += tune(2, 10) * 10 ** (-9 / 20)
    peaks, sound = heard(programme), heard(tune(2, 10))
    stretches = [
        next(coincidences(Places(peaks), sound, slice(0, len(sound.times)), 20 * SECOND, chance))
        for chance in (1e-4, 1e-20)
    ]
    assert stretches[0].least < stretches[1].least <= stretches[1].agreeing


def test_what_agrees_no_better_than_elsewhere_has_no_stretch() -> None:
    peaks, sound = heard(tune(6, 40)), heard(tune(2, 10))
    rows = slice(0, len(sound.times))
    assert [
        found for offset in range(0, 900, 20) for found in coincidences(Places(peaks), sound, rows, offset, 1e-4)
    ] == []


def test_a_part_of_a_sound_is_found_from_where_to_where_it_is_used() -> None:
    programme = babble(1, 40)
    programme[20 * SOUND_RATE : 25 * SOUND_RATE] += tune(2, 20)[8 * SOUND_RATE : 13 * SOUND_RATE]
    (one,) = _found(tune(2, 20), programme)
    assert (one.start, one.end) == pytest.approx((20, 25), abs=0.4)
    assert (one.reference_start, one.reference_end) == pytest.approx((8, 13), abs=0.4)


@pytest.mark.parametrize("speed", [24 / 25, 25 / 24])
def test_speed(speed: float) -> None:
    peaks = heard(tune(2, 10))
    moved = peaks.moved(speed=speed, pitch=speed)
    (found, *_) = Sounds([peaks]).heard(Peaks(moved.times + 100, moved.bins, 30.0))
    assert found.speed == pytest.approx(speed)


@pytest.mark.parametrize(
    ("speed", "pitch"),
    [
        (0.97, 0.97),
        (1.03, 1),
        (1, 0.97),
        *(pytest.param(*pair, marks=pytest.mark.thorough) for pair in ((1.03, 1.03), (0.97, 1), (1, 1.03))),
    ],
)
def test_a_speed_or_pitch_between_the_rungs_under_speech(speed: float, pitch: float) -> None:
    tone = heard(tune(2, 10)).moved(speed=speed, pitch=pitch)
    speech = heard(babble(1, 40))
    times, bins = np.concatenate([speech.times, tone.times + 700]), np.concatenate([speech.bins, tone.bins])
    order = np.argsort(times, kind="stable")
    (found,) = Sounds([heard(tune(3, 10)), heard(tune(2, 10))]).heard(Peaks(times[order], bins[order], 40.0))
    assert found.item == 1
    assert (found.variant.speed, found.variant.pitch) == pytest.approx((speed, pitch), abs=0.004)
    assert (found.start, found.end) == pytest.approx((700 / SECOND, 700 / SECOND + 10 / speed), abs=0.5)


def test_backwards_from_when_to_when() -> None:
    programme = babble(1, 60) * 0.3
    programme[20 * SOUND_RATE : 26 * SOUND_RATE] += tune(2, 10)[2 * SOUND_RATE : 8 * SOUND_RATE][::-1]
    (found,) = Sounds([heard(tune(3, 10)), heard(tune(2, 10))]).heard(heard(programme))
    assert (found.item, found.speed) == (1, -1.0)
    assert (found.start, found.end) == pytest.approx((20, 26), abs=0.4)
    assert (found.reference_start, found.reference_end) == pytest.approx((2, 8), abs=0.4)


def test_a_short_low_cue_under_speech() -> None:
    programme = babble(1, 60)
    programme[20 * SOUND_RATE : 24 * SOUND_RATE] += tune(2, 4) * 10 ** (-15 / 20)
    (found,) = _found(tune(2, 10), programme)
    assert (found.start, found.end) == pytest.approx((20, 24), abs=1)


def test_another_take_is_not_named_beside_the_right_one_but_a_copy_is() -> None:
    right, programme = tune(2, 10), babble(1, 40) * 0.1
    programme[15 * SOUND_RATE : 25 * SOUND_RATE] += right
    # Every third note is the same, as words of the same voice may be.
    other = tune(5, 10)
    for start in range(0, 10, 3):
        other[start * SOUND_RATE : (start + 1) * SOUND_RATE] = right[start * SOUND_RATE : (start + 1) * SOUND_RATE]
    found = Sounds([heard(other)]).heard(heard(programme))
    assert [one.item for one in found] == [0] * len(found) != []
    found = Sounds([heard(other), heard(right), heard(right)]).heard(heard(programme))
    assert [one.item for one in found] == [1, 2]


def test_peaks_do_not_depend_on_how_sound_is_handed_over() -> None:
    sound = tune(2, 50)
    one, other = heard(sound, 700), heard(sound, 50_000)
    assert one.times.tolist() == other.times.tolist()


def test_silence_says_nothing() -> None:
    assert len(heard(np.zeros(SOUND_RATE * 3)).times) == 0
    assert len(landmarks(heard(np.zeros(0))).keys) == 0


def test_chromaprint_finds_words_again() -> None:
    draw = np.random.default_rng(1)
    here, there = draw.integers(0, 1 << 32, 3000, np.uint32), draw.integers(0, 1 << 32, 90, np.uint32)
    here[1000:1090] = there ^ (1 << draw.integers(0, 32, 90)).astype(np.uint32)
    (run,) = chromaprint.alike(here, there)
    assert (run.here, run.there) == (1000, 0)
    assert run.errors < 0.05
    assert chromaprint.alike(here, np.zeros(90, np.uint32)) == []


def test_silence_does_not_carry_the_few_words_beside_it() -> None:
    here, there = np.zeros(300, np.uint32), np.zeros(60, np.uint32)
    there[25:40] = np.random.default_rng(2).integers(0, 1 << 32, 15, np.uint32)
    assert chromaprint.alike(here, there) == []


def test_chromaprint_of_a_file(tmp_path: Path) -> None:
    from tests.scanner.timebased import make

    made = chromaprint.words(make(tmp_path / "a.wav", "-f", "lavfi", "-i", "aevalsrc=sin(880*t*t):d=8"))
    assert 30 < len(made) < 80
