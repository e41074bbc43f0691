"""`provscan sign` and the signature in `provscan verify-report`: keys, certificates, changed and hostile documents."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from PIL import Image

from scanner.output.signature import sign
from tests.e2e.conftest import Call

KEYS: dict[str, Callable[[], Any]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


def pem(key: Any, path: Path, passphrase: bytes = b"") -> Path:
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".pub").write_bytes(public)
    return path


def certificate(key: Any, name: str, issuer: Any = None, by: str = "", *, ca: bool = False, days: int = 10) -> Any:
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, by or name)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=20))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    signer = issuer or key
    return builder.sign(signer, None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def write(path: Path, *certificates: Any) -> Path:
    path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates))
    return path


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from scanner import scan

    folder = tmp_path_factory.mktemp("signed")
    (folder / "EP1" / "Masters").mkdir(parents=True)
    Image.new("RGB", (64, 64), "teal").save(folder / "EP1" / "Masters" / "a.png")
    with scan([folder / "EP1"], out=folder / "out", matching="off", executor="serial", cache=str(folder / "cache")):
        pass
    return folder / "out"


@pytest.fixture
def report(scanned: Path, tmp_path: Path) -> Path:
    """Each test spoils its own."""
    return Path(shutil.copytree(scanned, tmp_path / "out"))


@pytest.mark.parametrize("kind", KEYS)
def test_what_was_signed_holds_for_the_key_and_for_no_other(
    kind: str, report: Path, tmp_path: Path, call: Call
) -> None:
    key, other = (pem(KEYS[kind](), tmp_path / f"{name}.pem") for name in ("key", "other"))
    assert call("sign", report, "--key", key).code == 0
    answer = call("verify-report", report, "--trust", key.with_suffix(".pub"))
    assert answer.code == 0, answer.out
    assert "files signed at" in answer.out
    answer = call("verify-report", report, "--trust", other.with_suffix(".pub"))
    assert answer.code == 3
    assert "and not the key in" in answer.out
    answer = call("verify-report", report)
    assert answer.code == 0
    assert "The signer is not known" in answer.out


@pytest.mark.parametrize("name", ["report.html", "summary.json"])
def test_a_changed_document_is_named(name: str, report: Path, tmp_path: Path, call: Call) -> None:
    sign(report, pem(KEYS["ed25519"](), tmp_path / "key.pem"))
    text = (report / name).read_text()
    (report / name).write_text(text.replace("pass", "Pass", 1) if name == "report.html" else text + "\n")
    answer = call("verify-report", report, "--trust", tmp_path / "key.pub")
    assert answer.code == 3
    assert f"{name} is not the file that was signed." in answer.out


def test_a_missing_and_a_new_document_are_named(report: Path, tmp_path: Path, call: Call) -> None:
    sign(report, pem(KEYS["ed25519"](), tmp_path / "key.pem"))
    (report / "notes.txt").write_text("mine")
    answer = call("verify-report", report, "--trust", tmp_path / "key.pub")
    assert answer.code == 0
    assert "1 file in the folder is not signed." in answer.out
    (report / "report.html").unlink()
    answer = call("verify-report", report, "--trust", tmp_path / "key.pub")
    assert answer.code == 3
    assert "report.html was signed and is missing." in answer.out


def test_a_list_of_files_that_was_changed_with_them_is_found(report: Path, tmp_path: Path, call: Call) -> None:
    sign(report, pem(KEYS["ed25519"](), tmp_path / "key.pem"))
    data = json.loads((report / "signature.json").read_text())
    (report / "report.html").unlink()
    del data["signed"]["files"]["report.html"]
    (report / "signature.json").write_text(json.dumps(data))
    answer = call("verify-report", report, "--trust", tmp_path / "key.pub")
    assert answer.code == 3
    assert "The signature does not belong to what it is beside" in answer.out


def test_a_certificate_that_the_house_issued_is_trusted(report: Path, tmp_path: Path, call: Call) -> None:
    root, middle, own, stranger = (KEYS["ec"]() for _ in range(4))
    house = certificate(root, "House", ca=True)
    desk = certificate(middle, "QC", root, "House", ca=True)
    mine = certificate(own, "Operator", middle, "QC")
    chain = write(tmp_path / "chain.pem", mine, desk)
    trust = write(tmp_path / "house.pem", house)
    assert call("sign", report, "--key", pem(own, tmp_path / "own.pem"), "--certificate", chain).code == 0
    answer = call("verify-report", report, "--trust", trust)
    assert answer.code == 0, answer.out
    assert "CN=Operator" in answer.out
    foreign = write(tmp_path / "foreign.pem", certificate(stranger, "House", ca=True))
    answer = call("verify-report", report, "--trust", foreign)
    assert answer.code == 3
    assert "No certificate in" in answer.out


def test_a_certificate_that_may_not_issue_or_has_expired_is_not_trusted(
    report: Path, tmp_path: Path, call: Call
) -> None:
    root, own = KEYS["ec"](), KEYS["ec"]()
    house = certificate(root, "House", ca=False)
    sign(report, pem(own, tmp_path / "own.pem"), write(tmp_path / "own.crt", certificate(own, "Op", root, "House")))
    assert call("verify-report", report, "--trust", write(tmp_path / "house.crt", house)).code == 3
    allowed = certificate(root, "House", ca=True)
    expired = certificate(own, "Op", root, "House", days=-1)
    sign(report, tmp_path / "own.pem", write(tmp_path / "old.crt", expired))
    answer = call("verify-report", report, "--trust", write(tmp_path / "ca.crt", allowed))
    assert answer.code == 3
    assert "is valid from" in answer.out


def test_a_key_with_a_passphrase(report: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    key = pem(KEYS["ed25519"](), tmp_path / "key.pem", b"secret")
    answer = call("sign", report, "--key", key)
    assert answer.code == 4
    assert "PROVSCAN_SIGN_PASSPHRASE" in answer.err
    monkeypatch.setenv("PROVSCAN_SIGN_PASSPHRASE", "wrong")
    assert call("sign", report, "--key", key).code == 4
    monkeypatch.setenv("PROVSCAN_SIGN_PASSPHRASE", "secret")
    assert call("sign", report, "--key", key).code == 0


def test_what_cannot_be_signed_or_verified_is_refused(report: Path, tmp_path: Path, call: Call) -> None:
    key = pem(KEYS["ed25519"](), tmp_path / "key.pem")
    other = write(tmp_path / "other.crt", certificate(KEYS["ec"](), "Other"))
    assert "is for another key" in call("sign", report, "--key", key, "--certificate", other).err
    assert "not a PEM private key" in call("sign", report, "--key", report / "report.html").err
    assert "was not signed" in call("verify-report", report, "--trust", key.with_suffix(".pub")).err
    assert not (report / "signature.json").exists()
    (report / "records.jsonl").write_bytes(b"")
    answer = call("sign", report, "--key", key)
    assert answer.code == 3
    assert not (report / "signature.json").exists()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"schema":"provscan/signature/1"}', "{" * 100_000, "\x00",
     '{"schema":"provscan/signature/1","signed":{"files":{"a":1},"signed_at":"x"},"public_key":"","signature":"","certificates":[]}',
     '{"schema":"provscan/signature/1","signed":{"files":{},"signed_at":"x"},"public_key":"x","signature":"AA==","certificates":[]}'],
)  # fmt: skip
def test_a_signature_that_is_none_is_refused(content: str, report: Path, call: Call) -> None:
    (report / "signature.json").write_text(content)
    assert call("verify-report", report).code == 4


def test_a_later_scan_takes_the_signature_away(report: Path, tmp_path: Path, call: Call) -> None:
    sign(report, pem(KEYS["ed25519"](), tmp_path / "key.pem"))
    call("judge", report / "records.jsonl", "--out", tmp_path / "judged")
    sign(tmp_path / "judged", tmp_path / "key.pem")
    call("judge", report / "records.jsonl", "--out", tmp_path / "judged")
    assert not (tmp_path / "judged" / "signature.json").exists()


def test_two_runs_differ_in_time_alone(scanned: Path, tmp_path: Path, call: Call) -> None:
    for number in "01":
        call("scan", scanned.parent / "EP1", "--out", tmp_path / number, "--no-cache", "--matching", "off")
    first, second = ((tmp_path / name / "records.jsonl").read_bytes() for name in "01")
    assert first == second
    summaries = [json.loads((tmp_path / name / "summary.json").read_text()) for name in "01"]
    differing = {key for key in summaries[0] if summaries[0][key] != summaries[1][key]}
    assert differing <= {"started", "seconds"}
