"""With `--redact` nothing private is in any byte that provscan writes or prints: words that occur nowhere else are planted
in every field of every carrier, in the register, the waivers, a library and a cut, and looked for afterwards."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import PngImagePlugin

from fixtures.carriers import CARRIERS, Carrier
from fixtures.photos import photograph
from fixtures.programme import Scene, clip
from scanner.records import masking
from scanner.reports import REPORTS
from tests.e2e.conftest import Answer, Call
from tests.e2e.demo import records_of
from tests.e2e.stills import SETTINGS, still

CANARY = re.compile(r"(?i)qzv\d{4}x")
PRIVATE = (
    "portrait of {0}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: {0}_v2, Version: {0}",
    "{0} {0}son <{0}@{0}.example>",
    "51.4778 N, 0.0015 W, {0} Road",
    "SN-{0}-00981",
    r"/Users/{0}/Desktop/{0}.psd C:\Users\{0}\{0}.psd",
    "Midjourney {0}",
    "{0}",
)
"""A prompt, a person, a place, a serial number, paths with a user's name, a tool that is not known, a bare word."""


class Planted:
    """Values with canaries, and where each was put."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._numbers = count()

    def word(self, place: str) -> str:
        canary = f"qzv{next(self._numbers):04}x"
        self.places[canary] = place
        return canary

    def value(self, place: str) -> str:
        return PRIVATE[len(self.places) % len(PRIVATE)].format(self.word(place))


def laid(carrier: Carrier, planted: Planted) -> Iterator[bytes]:
    """Files of a carrier that state each of its fields, and fields of a name that nobody knows."""
    says: dict[str, str] = {}
    for key in carrier.keys:
        if not re.search(r"[*?\[]", key):
            value = planted.value(f"{carrier.name} {key}")
            says[key] = value if carrier.fits(value) else CANARY.search(value)[0] + carrier.endings[0]
        elif key.endswith("*") and not re.search(r"[?\[]", key):
            says[key[:-1] + planted.word(f"{carrier.name} {key}")] = "words"
    parts: list[Mapping[str, str]] = [says, *({key: value} for key, value in says.items() if len(says) > 1)]
    for part in parts:
        try:
            yield carrier.lay(part)
        except (ValueError, KeyError, UnicodeEncodeError):  # no such field, or one at a time
            continue
        if part is says:
            return


def plant(folder: Path, planted: Planted) -> None:
    for carrier in CARRIERS:
        for number, data in enumerate(laid(carrier, planted)):
            (folder / f"{carrier.name}-{number}{carrier.suffix}").write_bytes(data)


def plant_documents(folder: Path, planted: Planted) -> tuple[str | Path, ...]:
    """A cut, and beside the delivery a register, waivers and a library, as people fill them in: the options of a scan."""
    delivery = folder / "EP101"
    (delivery / "Graphics").mkdir(parents=True)
    word = planted.value
    photograph("flower", (384, 216)).save(delivery / "Graphics/still.png")
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"{planted.word('prompt')} in fog\n{SETTINGS}")
    photograph("moon", (384, 216)).save(delivery / "Graphics/sky.png", pnginfo=info)
    (delivery / "broken.svg").write_text(f"<svg><{planted.word('element')}><b></svg>", "utf-8")
    (delivery / "EP101_v3.edl").write_text(edl(planted.word("clip of a cut")), "utf-8")
    (delivery / "sums.md5").write_text(f"{'0' * 32}  {planted.word('listed file')}.mov\n", "utf-8")
    columns = ("id", "asset_path", "tool", "description", "approved_by", "contact", "talent_name", "status", "notes")
    rows = [
        ("R-1", "Graphics/sky.png", word("tool"), word("description"), word("approver"), word("contact"), word("talent"),
         "approved", word("notes")),
        (word("row id") + " Doe", "Graphics/gone.png", "x", word("description"), "y", word("contact"), "", "approved", ""),
        ("R-3", "", word("tool"), word("no file"), "", "", "", word("unknown status"), ""),
    ]  # fmt: skip
    write(folder / "register.csv", (*columns, planted.word("column")), *((*row, word("cell")) for row in rows))
    (folder / "waivers.toml").write_text(
        f'[[waiver]]\nfinding = "{planted.word("waived")} Doe"\ndigest = "xxh3-128:{"0" * 32}"\ndisposition = "accepted-risk"\n'
        f'name = "{planted.word("waiver name")}"\nrole = "{planted.word("waiver role")}"\ndate = "2026-11-22"\n'
        f'reason = "{planted.word("waiver reason")}"\n[[waiver]]\nfinding = "{planted.word("waiver of")}"\n',
        "utf-8",
    )
    photograph("flower", (224, 126)).save(folder / "item.png")
    write(
        folder / "log.csv", ("id", "file", "role", "title", "source", "licence", "ai_terms", "uses"),
        (word("reference"), "item.png", "talent", *(word(name) for name in ("title", "source", "licence", "terms", "uses"))),
    )  # fmt: skip
    return (
        delivery, "--register", folder / "register.csv", "--waivers", folder / "waivers.toml",
        "--library", folder / "ARCHIVE", "--policy", "netflix-2025", "--genre", "documentary", "--use", "svod",
    )  # fmt: skip


def write(path: Path, *rows: tuple[str, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def edl(name: str) -> str:
    return (
        f"TITLE: {name}\nFCM: NON-DROP FRAME\n\n001  {name[:8]} V     C        01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
        f"* FROM CLIP NAME: {name}.mov\n* COMMENT: {name}\n"
    )


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """What is in every file below a folder, unpacked: names and words."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        yield path.name, data.decode("utf-8", "replace")
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                yield from ((path.name, packed.read(name).decode("utf-8", "replace")) for name in packed.namelist())
        elif data.startswith(b"%PDF"):
            pages = pypdfium2.PdfDocument(data)
            yield from ((path.name, page.get_textpage().get_text_range()) for page in pages)


def leaks(planted: Planted, folder: Path, *answers: Answer) -> dict[str, str]:
    """Canary → where it was planted and where it came out."""
    texts = [*texts_of(folder), *(("printed", text) for answer in answers for text in (answer.out, answer.err))]
    found = {canary.lower(): name for name, text in texts for canary in CANARY.findall(re.sub(r"\s*\n\s*", "", text))}
    return {canary: f"{planted.places[canary]} in {name}" for canary, name in found.items()}


def verdicts(out: Path) -> dict[str, object]:
    return {path: record["verdict"]["outcome"] for path, record in records_of(out).items()}


QUICK = ("--matching", "off", "--executor", "serial", "--policy", "netflix-2025", "--format", "csv")
FORMATS = [word for report in REPORTS if report.name != "console" for word in ("--format", report.name)]


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    masking.read_key.cache_clear()
    return tmp_path / "data"


@pytest.mark.thorough  # two scans of every carrier
def test_no_field_of_any_carrier_comes_through(call: Call, tmp_path: Path) -> None:
    planted, root, plain, out = Planted(), tmp_path / "EP101/03_Artwork", tmp_path / "plain", tmp_path / "out"
    root.mkdir(parents=True)
    plant(root, planted)
    chosen = ("scan", root.parent, "--policy", "netflix-2025", "--matching", "off")
    assert call(*chosen, "--out", plain, "--format", "jsonl").code == 1
    assert len(leaks(planted, plain)) > 0.95 * len(planted.places), "what is not read proves nothing"
    done = call(*chosen, "--out", out, "--redact", *FORMATS)
    assert leaks(planted, out, done) == {}
    assert verdicts(out) == verdicts(plain)


def test_no_register_waiver_library_or_cut_comes_through(call: Call, tmp_path: Path) -> None:
    planted = Planted()
    chosen = plant_documents(tmp_path, planted)
    archive, plain, out = tmp_path / "ARCHIVE", tmp_path / "plain", tmp_path / "out"
    assert call("library", "init", archive).code == 0
    assert call("library", "import", archive, tmp_path / "log.csv", "--root", tmp_path, "--jobs", "1").code == 0
    shown = call("scan", *chosen, "--out", plain, *FORMATS)
    open_ = {place.partition(" in ")[0] for place in leaks(planted, plain, shown).values()}
    assert {"prompt", "waived", "clip of a cut", "listed file", "description", "reference", "title", "row id"} <= open_
    done = call("scan", *chosen, "--out", out, "--redact", *FORMATS)
    assert leaks(planted, out, done) == {}
    assert verdicts(out) == verdicts(plain)
    (match,) = [it for record in records_of(out).values() for it in record["matches"]]
    assert match["reference"].startswith("[redacted: ")
    assert {path.name for path in (out / "pictures").iterdir()} == {
        path.name for path in (plain / "pictures").iterdir()
    }

    # The same of a whole run afterwards, and by the commands that look into one file or two runs.
    after = [call("report", plain / "records.jsonl", "--format", name, "--redact", "--out", tmp_path / "after" / name)
             for name in FORMATS[1::2]]  # fmt: skip
    judged = call("judge", plain / "records.jsonl", *chosen[1:], "--redact", "--out", tmp_path / "after/judged")
    other = call("diff", out, plain, "--redact")
    explained = call("explain", chosen[0] / "Graphics/sky.png", "--full", "--redact")
    assert leaks(planted, tmp_path / "after", *after, judged, other, explained) == {}
    assert verdicts(tmp_path / "after/judged") == verdicts(plain)
    assert leaks(planted, tmp_path / "nothing", call("explain", chosen[0] / "Graphics/sky.png", "--full"))


def test_nothing_private_is_in_cue_sheets_notices_lists_and_traces(call: Call, tmp_path: Path) -> None:
    planted = Planted()
    chosen = plant_documents(tmp_path, planted)
    archive, plain, out = tmp_path / "ARCHIVE", tmp_path / "plain", tmp_path / "out"
    assert call("library", "init", archive).code == 0
    assert call("library", "import", archive, tmp_path / "log.csv", "--root", tmp_path, "--jobs", "1").code == 0
    assert call("scan", *chosen, "--out", plain, "--format", "jsonl").code == 1
    item, records, asked = tmp_path / "query.png", plain / "records.jsonl", tmp_path / "asked.csv"
    photograph("flower", (224, 126)).save(item)
    columns = (
        "entry_id",
        "asset_glob",
        "tool",
        "use_case",
        "generated_or_altered",
        "status",
        "description",
        "talent_name",
    )
    known = ("Graphics/sky.png", "Stable Diffusion", "other", "generated", "informed")
    write(asked, columns, ("R-1", *known, planted.value("use"), planted.value("performer")))
    (reference,) = json.loads(call("library", "list", archive, "--format", "json").out)

    def run(folder: Path, *flags: str) -> dict[str, str]:
        folder.mkdir()
        notice = ("register", "notice", records, "--register", asked, "--policy", "netflix-2025")
        answers = [
            *(call("register", "cuesheet", records, "--out", folder / f"cues.{it}", *flags) for it in ("csv", "xlsx")),
            *(call(*notice, "--out", folder / f"notice.{it}", *flags) for it in ("md", "docx", "xlsx")),
            *(call("library", "list", archive, "--format", it, *flags) for it in ("table", "csv", "json", "jsonl")),
            call("library", "show", archive, reference["id"], *flags),
            call("library", "search", archive, item, *flags),
        ]
        assert [answer.code for answer in answers] == [0] * len(answers)
        return leaks(planted, folder, *(answer for answer in answers if "Written: " not in answer.err))

    open_ = {place.partition(" in ")[0] for place in run(plain / "open").values()}
    assert {"reference", "title", "source", "licence", "use", "performer"} <= open_
    assert run(out, "--redact") == {}
    rows = list(csv.DictReader(io.StringIO((out / "cues.csv").read_text("utf-8-sig"))))
    assert {"Graphics/sky.png"} < {row["asset_glob"] for row in rows} | {""}
    assert any(row["phash_or_ref_id"].startswith("[redacted: ") for row in rows)
    assert "Redacted: " in (out / "notice.md").read_text("utf-8")
    (shown,) = json.loads(call("library", "list", archive, "--format", "json", "--redact").out)
    kept = ("role", "quality", "digest", "size", "pictures")
    assert [shown[key] for key in kept] == [reference[key] for key in kept]


def test_nothing_private_is_in_a_trace(call: Call, tmp_path: Path) -> None:
    planted = Planted()
    mine, archive = tmp_path / planted.word("home folder"), tmp_path / "ARCHIVE"
    mine.mkdir()
    item, film, lost = mine / "still.png", mine / "EP101.mov", mine / "other.png"
    photograph("rocket", (640, 427)).save(item)
    photograph("cat", (640, 427)).save(lost)
    scene = Scene(picture="rocket", length=36, start=(0.05, 0.1, 0.9), end=(0.2, 0.2, 0.7))
    film.write_bytes(clip(".mov", (scene,), "-timecode", "01:00:00:00"))
    assert call("library", "init", archive).code == 0
    added = ("library", "add", archive, item, "--role", "archival", "--title", planted.word("title"))
    assert call(*added, "--id", planted.word("reference"), "--jobs", "1").code == 0
    for number, form in enumerate(("table", "json")):
        command = ("trace", item, lost, "--library", archive, "--in", film, "--format", form)
        out = tmp_path / f"out{number}"
        out.mkdir()
        assert leaks(planted, out, call(*command))
        done = call(*command, "--redact", "--edl", out / "found.edl", "--strip", out / "found.png")
        assert done.code == 1
        assert leaks(planted, tmp_path / "nothing", Answer(done.code, done.out, "")) == {}
        assert leaks(planted, out) == {}
        assert {"still.png", "EP101.mov", "other.png"} <= set(re.findall(r"[\w.]+", done.out))
        assert "[redacted: " in done.out


@pytest.fixture
def season(tmp_path: Path) -> tuple[Path, Planted]:
    """Two deliveries with one AI picture, whose prompt, author and place are private."""
    planted, folder = Planted(), tmp_path / "season"
    words = f"portrait of {planted.word('prompt')} in fog\n{SETTINGS}, Version: {planted.word('version')}"
    for name in ("EP1", "EP2"):
        still(folder / name / "Masters/sky.png", "teal", words)
    return folder, planted


def test_nothing_comes_through_an_audit_and_its_roll_up(
    call: Call, season: tuple[Path, Planted], tmp_path: Path
) -> None:
    folder, planted = season
    plain, out = tmp_path / "plain", tmp_path / "out"
    assert leaks(planted, plain, call("audit", folder, "--out", plain, *QUICK))
    done = call("audit", folder, "--out", out, "--redact", *QUICK)
    assert (done.code, leaks(planted, out, done)) == (1, {})
    (asset,) = json.loads((out / "audit.json").read_text("utf-8"))["recurring"]
    assert asset["deliveries"] == {"EP1": 1, "EP2": 1}


def test_nothing_comes_through_a_watch_and_its_message(
    call: Call, season: tuple[Path, Planted], tmp_path: Path
) -> None:
    folder, planted = season
    out, got = tmp_path / "out", tmp_path / "got"
    got.mkdir()
    (tmp_path / "hook.py").write_text(
        f"import sys; open({str(got / 'message')!r}, 'w').write(sys.stdin.read())", "utf-8"
    )
    hook = f"{sys.executable} {tmp_path / 'hook.py'}"
    watch = ("watch", folder, "--out", out, "--once", "--settle", "0.1", "--every", "0.1", "--hook", hook)
    done = call(*watch, "--redact", *QUICK)
    assert leaks(planted, out, done) == {}
    assert "Redacted" in (got / "message").read_text("utf-8")
    assert leaks(planted, got) == {}


def test_a_redacted_run_is_verified_signed_and_reported_but_not_judged(
    call: Call, season: tuple[Path, Planted], tmp_path: Path
) -> None:
    folder, _ = season
    out, key = tmp_path / "out", tmp_path / "key.pem"
    assert call("scan", folder / "EP1", "--out", out, "--redact", *QUICK).code == 1
    key.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    assert call("sign", out, "--key", key).code == 0
    assert call("verify-report", out).code == 0
    reported = call("report", out / "records.jsonl", "--format", "csv")
    assert reported.code == 1
    assert "Redacted: " in reported.out
    refused = call("judge", out / "records.jsonl")
    assert (refused.code, refused.out) == (4, "")
    assert "--redact" in refused.err
    # Also where all that was private was no statement of a file: the summary says that it is redacted.
    still(tmp_path / "EP3/frame.png")
    assert call("scan", tmp_path / "EP3", "--out", tmp_path / "bare", "--redact", *QUICK).code == 0
    assert call("judge", tmp_path / "bare/records.jsonl").code == 4


def test_equal_values_are_seen_in_two_runs_and_cannot_be_tried_out(
    call: Call, season: tuple[Path, Planted], tmp_path: Path, data_folder: Path
) -> None:
    folder, _ = season
    stated = []
    for name in ("EP1", "EP2"):
        assert call("scan", folder / name, "--out", tmp_path / name, "--redact", *QUICK).code == 1
        (record,) = records_of(tmp_path / name).values()
        stated.append([item["value"] for item in record["evidence"]])
    assert stated[0] == stated[1]
    key = data_folder / "provscan/redaction.key"
    assert key.stat().st_size == 32
    assert key.stat().st_mode & 0o777 == 0o600
