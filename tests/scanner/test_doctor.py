"""What doctor reports of what is installed and of what works."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from fixtures.samples import SAMPLES as MADE
from scanner import doctor
from scanner.self_test import TRIALS, Trial, run_trials
from scanner.self_test.trials import SAMPLES
from tests.e2e.conftest import Call, call
from tests.scanner import trials

__all__ = ["call"]

FFMPEG = {"ffmpeg", "c2pa SDK", "Python", "SQLite"}


def _only(monkeypatch: pytest.MonkeyPatch, *trials: Trial) -> None:
    monkeypatch.setattr("scanner.self_test.trials.TRIALS", trials)


def test_versions_hold_everything_that_results_depend_on() -> None:
    named = doctor.versions()
    assert named.keys() >= FFMPEG
    for name in ("opencv-python-headless", "faiss-cpu", "scipy", "pyaaf2", "openpyxl", "msgspec", "brotli", "av"):
        assert named[name] == metadata.version(name)
    assert "pytest" not in named


def test_what_is_installed_in_a_wrong_version_says_which_is_wanted(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["av<18,>=15", "no-such-library<2", 'dask<2; extra == "dask"', 'pytest; extra == "test"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: asked)
    _only(monkeypatch, Trial("pass", trials.succeed, ()))
    done = call("doctor")
    assert done.code == 4
    lines = done.out.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("WRONG VERSION  av "))
    assert lines[at + 1].split() == ["provscan", "requires", "<18,>=15"]
    assert "how to fix: pip install --force-reinstall 'av<18,>=15'" in lines[at + 2]
    assert any(line.split()[:2] == ["MISSING", "no-such-library"] for line in lines)
    assert "pip install 'provscan[dask]'" in done.out, "as it is, with its brackets"
    assert "pytest" not in done.out
    assert lines[-1] == "2 required checks failed: av, no-such-library."


def test_an_optional_library_that_is_missing_is_no_failure(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: ["av", 'no-such-library<2; extra == "dask"'])
    _only(monkeypatch, Trial("pass", trials.succeed, ()))
    done = call("doctor")
    assert done.code == 0
    assert "not installed  no-such-library" in done.out
    assert "how to fix: pip install 'provscan[dask]'" in done.out


def test_a_trial_that_fails_crashes_or_hangs_costs_itself_alone(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.self_test.trials.SECONDS", 3.0)
    _only(
        monkeypatch,
        Trial("first", trials.succeed, ()),
        Trial("refuse", trials.refuse, ("av",)),
        Trial("crash", trials.crash, ("av",)),
        Trial("hang", trials.stand_still, ("av",)),
        Trial("last", trials.succeed, ()),
    )
    results = {result.trial.name: (result.works, result.message) for result in run_trials()}
    assert results["first"] == results["last"] == (True, "done")
    assert results["refuse"] == (False, "no [stream] was found")
    assert not results["crash"][0]
    assert results["hang"] == (False, "not finished after 3 s")


def test_a_failing_trial_is_exit_code_4_with_the_error_and_how_to_fix_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, Trial("clip", trials.refuse, ("av",)))
    done = call("doctor")
    assert done.code == 4
    assert "FAILED         clip" in done.out
    assert "no [stream] was found" in done.out
    assert "how to fix: pip install --force-reinstall 'av" in done.out
    assert done.out.splitlines()[-1] == "1 required check failed: clip."


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_everything_works_here(trial: Trial) -> None:
    assert trial.run()
    unknown = [name for name in trial.libraries if name not in doctor.versions() and name != "provscan"]
    assert unknown == []


def test_a_library_that_fails_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of another version whose API we do not know is there, and does not work."""

    def opened(*_: object, **__: object) -> None:
        raise TypeError("open() got an unexpected keyword argument 'metadata_errors'")

    monkeypatch.setattr("media.probe.av.open", opened)
    (clip,) = (trial for trial in TRIALS if trial.name == "clip")
    with pytest.raises(Exception, match="unexpected keyword"):
        clip.run()


def test_samples_are_those_that_the_script_makes() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(MADE)
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 400_000


@pytest.mark.parametrize("name", ["packed.jxl"])
def test_a_sample_is_made_again_byte_for_byte(name: str) -> None:
    assert Path(SAMPLES / name).read_bytes() == MADE[name]()
