"""The cluster over TLS: by Dask's own settings, with a certificate of an own authority, and with none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from media.errors import ConfigError
from media.work import create_executor, end_work
from tests.contracts import faults
from tests.e2e.process import provscan

pytestmark = pytest.mark.thorough  # clusters take seconds to start

TLS = "distributed.comm.tls"
ROLES = ("scheduler", "worker", "client")


def certificate(folder: Path) -> dict[str, str]:
    """An authority and a certificate of it for this machine, in one: Dask's settings that name them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"house {folder.name}")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    parts = {f"{TLS}.{role}.{part}": str(folder / f"{part}.pem") for role in ROLES for part in ("cert", "key")}
    return {f"{TLS}.ca-file": str(folder / "cert.pem"), **parts}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return certificate(tmp_path_factory.mktemp("tls") / "house")


@pytest.fixture(scope="module")
def scheduler(house: dict[str, str]) -> Iterator[str]:
    """A cluster that speaks TLS and nothing else."""
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.worker.daemon": False, "distributed.comm.require-encryption": True, **house}),
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            protocol="tls://",
            security=distributed.Security(),
            dashboard_address=None,
        ) as cluster,
    ):
        assert cluster.scheduler_address.startswith("tls://")
        yield cluster.scheduler_address
        end_work()


def outcome(address: str) -> object:
    end_work()  # the connection of another test
    work = create_executor("dask", jobs=1, scheduler=address).run(faults.perform, [(3, "square")], limit=lambda _: 20.0)
    ((_, result),) = work
    return result


def test_the_work_goes_to_a_cluster_that_both_sides_know(scheduler: str, house: dict[str, str]) -> None:
    import dask

    with dask.config.set({"distributed.comm.require-encryption": True, **house}):
        assert outcome(scheduler) == 9


def test_a_scan_takes_the_settings_from_the_environment(scheduler: str, house: dict[str, str], tmp_path: Path) -> None:
    names = (f"{TLS}.ca-file", f"{TLS}.client.cert", f"{TLS}.client.key")
    env = {f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": house[name] for name in names}
    root = tmp_path / "EP101"
    root.mkdir()
    (root / "notes.txt").write_text("Scene 12, take 3", "utf-8")
    flags = ("--executor", "dask", "--scheduler", scheduler, "--no-cache", "--format", "json")
    done = provscan("scan", root, *flags, env={**env, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"})
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [record["verdict"]["scan"] for record in report["records"]] == ["complete"]
    given = {one["name"]: (one["value"], one["from"]) for one in report["summary"]["settings_given"]}
    assert given == {
        "executor": ("dask", "--executor"),
        "marks": ("off", "PROVSCAN_MARKS"),
        "scheduler": ("tls://…", "--scheduler"),
    }
    assert not any("without TLS" in said for said in report["summary"]["not_checked"])


def test_without_certificates_nothing_is_sent_and_the_settings_are_named(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask

    monkeypatch.setattr("media.work.cluster.CONNECT_TIMEOUT", 3.0)
    bare = {f"{TLS}.ca-file": None, **{f"{TLS}.{role}.{part}": None for role in ROLES for part in ("cert", "key")}}
    with dask.config.set(bare), pytest.raises(ConfigError, match="DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
        outcome(scheduler)


def test_a_stranger_who_answers_is_refused(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler's certificate is of another authority than ours: as if someone else sat at its address."""
    import dask

    monkeypatch.setattr("media.work.cluster.CONNECT_TIMEOUT", 3.0)
    with (
        dask.config.set(certificate(tmp_path / "other")),
        pytest.raises(ConfigError, match="no dask scheduler answers"),
    ):
        outcome(scheduler)


def test_a_cluster_that_asks_for_tls_is_not_reached_without(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.work.cluster.CONNECT_TIMEOUT", 3.0)
    with pytest.raises(ConfigError, match="no dask scheduler answers"):
        outcome(scheduler.replace("tls://", "tcp://"))
