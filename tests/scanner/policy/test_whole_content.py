"""A signature is bound to all of the content: what a sample does not see, it does not survive."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.blanks import blank
from fixtures.formats import png
from media import digest as digests
from media.digest import DigestMode, digest_file
from scanner.config import Config
from scanner.judge.register.cuesheet import cue_rows
from scanner.model import Outcome, Record
from scanner.output.output import Output
from scanner.pipeline import Run, rejudge, run_scan

MARKED = png.insert(blank(".png"), png.plain("Software", "NovelAI"))
ROW = {
    "entry_id": "R1", "tool": "NovelAI", "vendor": "Anlatan", "use_case": "key art", "generated_or_altered": "generated",
    "asset_glob": "artwork/key.png", "status": "approved", "approved_by": "A. Approver", "approver_role": "commissioner",
    "date_approved": "2030-01-01", "approval_ref": "mail 1", "scope_temp_or_final": "final", "inputs_used": "none",
    "third_party_ip": "n", "talent_name": "", "content_digest": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the pictures had gigabytes: four blocks of 64 bytes are sampled."""
    monkeypatch.setattr(digests, "FULL_UP_TO", 1000)
    monkeypatch.setattr(digests, "BLOCK", 64)
    monkeypatch.setattr(digests, "SAMPLES", 4)


class House:
    """A delivery with one marked picture, its register and its waivers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "EP101" / "artwork" / "key.png"
        self.path.parent.mkdir(parents=True)
        self.path.write_bytes(MARKED + os.urandom(4000))
        self.register: tuple[str, ...] = ()
        self.waivers: tuple[str, ...] = ()

    @property
    def config(self) -> Config:
        return Config(
            cache=str(self.folder / "cache"), executor="serial", matching="off", delivery_date="2030-02-01",
            register=self.register, waivers=self.waivers,
        )  # fmt: skip

    def scan(self, out: Path | None = None) -> Run:
        return run_scan([self.folder / "EP101"], self.config, Output(folder=out))

    def record(self) -> Record:
        with self.scan() as run:
            (record,) = run.records()
            return record

    def declare(self, digest: str) -> None:
        with (self.folder / "register.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, tuple(ROW))
            writer.writeheader()
            writer.writerow({**ROW, "content_digest": digest})
        self.register = (str(self.folder / "register.csv"),)

    def waive(self, finding: str, digest: str) -> None:
        (self.folder / "waivers.toml").write_text(
            f'[[waiver]]\nfinding = "{finding}"\ndigest = "{digest}"\ndisposition = "accepted-risk"\n'
            'name = "A. Supervisor"\nreason = "agreed in the review"\ndate = "2030-01-02"\n'
        )
        self.waivers = (str(self.folder / "waivers.toml"),)

    def change_between_samples(self) -> None:
        """The bytes that no block of the sample holds, and the time set back."""
        sample, whole, status = self.sample, self.whole, self.path.stat()
        data = bytearray(self.path.read_bytes())
        data[-1000] ^= 0xFF
        self.path.write_bytes(data)
        os.utime(self.path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert (self.sample, self.whole != whole) == (sample, True)

    @property
    def sample(self) -> str:
        found = digest_file(self.path)
        assert found.algorithm == digests.SAMPLED
        return f"{found.algorithm}:{found.value}"

    @property
    def whole(self) -> str:
        return f"{digests.WHOLE}:{digest_file(self.path, DigestMode.FULL).value}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    return House(tmp_path)


def standing(record: Record) -> tuple[str | None, str | None, str]:
    reason = next(it for it in record.verdict.reasons if record.findings[0].id in it.because)
    return reason.register, reason.binding, reason.text


def test_where_nothing_was_found_and_no_row_speaks_no_whole_digest_is_made(house: House) -> None:
    house.path.write_bytes(blank(".png") + os.urandom(4000))
    assert house.record().examination.whole is None


def test_cue_sheet_of_the_first_scan_names_the_whole_content(house: House) -> None:
    with house.scan() as run:
        (row,) = cue_rows(run.records)
    assert row["content_digest"] == house.whole
    house.declare(row["content_digest"])
    assert standing(house.record())[1] == "content"


def test_row_of_the_whole_content_approves_until_any_byte_changes(house: House) -> None:
    house.declare(house.whole)
    before = house.record()
    assert before.examination.whole is not None
    assert standing(before)[1] == "content"
    assert "was written for other content" not in str(before.verdict)
    house.change_between_samples()
    after = house.record()
    assert standing(after)[1] != "content"
    assert "was written for other content" in str(after.verdict)
    assert (before.verdict.outcome, after.verdict.outcome) == (Outcome.PASS, Outcome.BLOCKER)


def test_row_of_a_sample_informs_and_says_what_to_enter(house: House) -> None:
    house.declare(house.sample)
    record = house.record()
    assert standing(record)[1] == "sample"
    text = str(record.verdict)
    assert "names a sample of the content: that informs" in text
    assert house.whole in text


@pytest.mark.parametrize("named", ["whole", "sample"])
def test_judge_goes_by_what_the_scan_digested(
    named: str, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:  # a scan that could not read all of it
        patched.setattr("scanner.whole_content._digest", lambda asset: None)
        with house.scan(tmp_path / "out"):
            pass
    house.declare(getattr(house, named))
    with rejudge(tmp_path / "out" / "records.jsonl", house.config, Output()) as run:
        (record,) = run.records()
    assert standing(record)[1] != "content"
    said = "scan again with this row" if named == "whole" else "names a sample of the content: that informs"
    assert said in str(record.verdict)
    with house.scan(tmp_path / "again"):
        pass
    with rejudge(tmp_path / "again" / "records.jsonl", house.config, Output()) as run:
        (record,) = run.records()
    assert standing(record)[1] == ("content" if named == "whole" else "sample")


def test_waiver_of_the_whole_content_dies_with_any_byte_and_one_of_a_sample_accepts_nothing(house: House) -> None:
    finding = house.record().findings[0].id
    house.waive(finding, house.whole)
    waived = house.record()
    assert waived.verdict.outcome is Outcome.FYI
    house.change_between_samples()
    assert house.record().verdict.outcome is not Outcome.FYI
    house.waive(finding, house.sample)
    with house.scan() as run:
        (record,) = run.records()
        assert record.verdict.outcome is not Outcome.FYI
        (said,) = [warning for warning in run.warnings if "waiver" in warning]
    assert "the waiver has no effect" in said
    assert house.whole in said


def test_whole_digest_is_kept_until_the_file_changes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.declare(house.whole)
    first = house.record()
    monkeypatch.setattr("scanner.whole_content._digest", lambda asset: None)
    assert house.record().examination.whole == first.examination.whole


def test_row_for_another_path_costs_no_reading(house: House) -> None:
    house.path.write_bytes(blank(".png") + os.urandom(4000))
    house.declare(house.whole)
    text = (house.folder / "register.csv").read_text().replace("artwork/key.png", "artwork/other.png")
    (house.folder / "register.csv").write_text(text)
    assert house.record().examination.whole is None
