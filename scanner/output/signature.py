"""A run's documents signed with the house's key: `signature.json` beside them.

What is signed is the SHA-256 and size of every file of the folder. `summary.json` among them states tool, rules,
policies, libraries and versions. The signature is over the prefix `provscan/signature/1`, a line feed, and the JSON of
`signed` with sorted keys and no spaces, in ASCII. It is Ed25519 (RFC 8032), ECDSA with SHA-256, or RSA-PSS with SHA-256
(RFC 8017, salt of 32 bytes).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from media.errors import ConfigError, MissingDependency
from scanner import __version__
from scanner.output.document import write_json
from scanner.output.staging import SIGNATURE
from scanner.reports.wording import count

__all__ = ["Verification", "sign", "verify"]

SCHEMA: Final = "provscan/signature/1"
_MOST: Final = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of comparing a folder with its signature."""

    signer: str
    """The certificate's subject, or the key by its SHA-256."""
    signed_at: str
    """By the signer's clock; no time stamp of anybody else proves it."""
    files: int
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def sign(folder: Path, key: Path, certificate: Path | None = None, *, passphrase: bytes | None = None) -> Path:
    """Sign what is in a folder now. `key` is a PEM private key; `certificate` a PEM with its certificate, then those
    that issued it. Raises `ConfigError` where the key cannot be used or does not belong to the certificate."""
    crypto = _Crypto()
    private = crypto.load_private(key, passphrase)
    public = crypto.public_bytes(private.public_key())
    chain = crypto.load_certificates(certificate) if certificate else []
    if chain and crypto.public_bytes(chain[0].public_key()) != public:
        raise ConfigError(f"{certificate}: its first certificate is for another key than {key}")
    files = {name: {"sha256": digest, "size": size} for name, digest, size in _digests(folder)}
    signed = {
        "tool": f"provscan {__version__}",
        "signed_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": files,
    }
    path = folder / SIGNATURE
    write_json(
        path,
        {
            "schema": SCHEMA,
            "signed": signed,
            "public_key": public.decode(),
            "certificates": [crypto.pem_of(one) for one in chain],
            "signature": base64.b64encode(crypto.sign(private, _payload(signed))).decode(),
        },
    )
    return path


def verify(folder: Path, trusted: Path | None = None) -> Verification:
    """Compare a folder with its signature. Raises `ConfigError` where there is none.

    `trusted` is a PEM with a public key or with certificates. The signer must be one of these, or have a certificate
    that one of these issued.
    """
    crypto = _Crypto()
    data = _read(folder / SIGNATURE)
    signed, files = data["signed"], data["signed"]["files"]
    public = crypto.load_public(data["public_key"].encode())
    chain = crypto.parse_certificates("".join(data["certificates"]).encode()) if data["certificates"] else []
    faults: list[str] = []
    if not crypto.verify(public, base64.b64decode(data["signature"]), _payload(signed)):
        faults.append("The signature does not belong to what it is beside: it was changed, or made with another key.")
    if chain and crypto.public_bytes(chain[0].public_key()) != crypto.public_bytes(public):
        faults.append("The certificate is for another key than the one that signed.")
    found = {name: (digest, size) for name, digest, size in _digests(folder)}
    faults += _compared(files, found)
    extra = len(found.keys() - files.keys())
    warnings = [f"{count(extra, 'file')} in the folder {'is' if extra == 1 else 'are'} not signed."] if extra else []
    signer = crypto.name_of(chain, public)
    if trusted is None:
        warnings.append(f"The signer is not known: compare it with a key of yours (--trust). It is {signer}.")
    else:
        faults += crypto.faults_of_trust(chain, public, trusted)
    return Verification(
        signer=signer, signed_at=str(signed["signed_at"]), files=len(files), faults=tuple(faults),
        warnings=tuple(warnings),
    )  # fmt: skip


def _payload(signed: Mapping[str, Any]) -> bytes:
    return f"{SCHEMA}\n{json.dumps(signed, sort_keys=True, separators=(',', ':'))}".encode("ascii")


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST:
            raise ConfigError(f"{path}: too large for a signature")
        data = json.loads(path.read_text("utf-8"))
        if data["schema"] != SCHEMA:
            raise ConfigError(f"{path}: schema {data['schema']!r}; this provscan reads {SCHEMA}")
        files = data["signed"]["files"]
        is_right = (
            isinstance(data["public_key"], str)
            and isinstance(data["signature"], str)
            and all(isinstance(one, str) for one in data["certificates"])
            and all(isinstance(one["sha256"], str) and isinstance(one["size"], int) for one in files.values())
            and bool(data["signed"]["signed_at"])
        )
        base64.b64decode(data["signature"], validate=True)
    except FileNotFoundError as error:
        raise ConfigError(f"{path} is missing: the folder was not signed") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{path} is not a signature of provscan: {type(error).__name__}") from error
    if not is_right:
        raise ConfigError(f"{path} is not a signature of provscan")
    return dict(data)


def _digests(folder: Path) -> Iterator[tuple[str, str, int]]:
    """(path below the folder, SHA-256, size) of every file but the signature."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if relative != SIGNATURE:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                yield relative, digest, path.stat().st_size


def _compared(files: Mapping[str, Any], found: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    for name, one in files.items():
        if name not in found:
            yield f"{name} was signed and is missing."
        elif found[name] != (one["sha256"], one["size"]):
            yield f"{name} is not the file that was signed."


class _Crypto:
    """The one door to the library `cryptography`."""

    def __init__(self) -> None:
        try:
            self._exceptions: Any = import_module("cryptography.exceptions")
            self._x509: Any = import_module("cryptography.x509")
            self._hashes: Any = import_module("cryptography.hazmat.primitives.hashes")
            self._form: Any = import_module("cryptography.hazmat.primitives.serialization")
            kinds = "cryptography.hazmat.primitives.asymmetric"
            self._ed, self._ec, self._rsa, self._padding = (
                import_module(f"{kinds}.{name}") for name in ("ed25519", "ec", "rsa", "padding")
            )
        except ImportError as error:
            raise MissingDependency("signatures need the library cryptography: pip install 'provscan[sign]'") from error

    def load_private(self, path: Path, passphrase: bytes | None) -> Any:
        try:
            key = self._form.load_pem_private_key(path.read_bytes(), passphrase)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error
        except TypeError as error:
            why = "needs a passphrase: set PROVSCAN_SIGN_PASSPHRASE" if passphrase is None else "has no passphrase"
            raise ConfigError(f"{path}: the key {why}") from error
        except (ValueError, self._exceptions.UnsupportedAlgorithm) as error:
            raise ConfigError(f"{path} is not a PEM private key, or its passphrase is wrong") from error
        if not isinstance(key, (self._ed.Ed25519PrivateKey, self._ec.EllipticCurvePrivateKey, self._rsa.RSAPrivateKey)):
            raise ConfigError(f"{path}: a key of this kind does not sign here; use Ed25519, EC or RSA")
        return key

    def load_public(self, pem: bytes) -> Any:
        try:
            return self._form.load_pem_public_key(pem)
        except (ValueError, self._exceptions.UnsupportedAlgorithm) as error:
            raise ConfigError(f"{SIGNATURE} holds no public key that can be read") from error

    def load_certificates(self, path: Path) -> list[Any]:
        try:
            return self.parse_certificates(path.read_bytes())
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or error}") from error

    def parse_certificates(self, pem: bytes) -> list[Any]:
        try:
            return list(self._x509.load_pem_x509_certificates(pem))
        except (ValueError, self._exceptions.UnsupportedAlgorithm) as error:
            raise ConfigError("no certificate can be read; name a PEM file") from error

    def pem_of(self, certificate: Any) -> str:
        return str(certificate.public_bytes(self._form.Encoding.PEM).decode())

    def public_bytes(self, key: Any) -> bytes:
        pem, info = self._form.Encoding.PEM, self._form.PublicFormat.SubjectPublicKeyInfo
        return bytes(key.public_bytes(pem, info))

    def sign(self, key: Any, payload: bytes) -> bytes:
        if isinstance(key, self._ed.Ed25519PrivateKey):
            return bytes(key.sign(payload))
        if isinstance(key, self._ec.EllipticCurvePrivateKey):
            return bytes(key.sign(payload, self._ec.ECDSA(self._hashes.SHA256())))
        return bytes(key.sign(payload, self._pss(), self._hashes.SHA256()))

    def verify(self, key: Any, signature: bytes, payload: bytes) -> bool:
        try:
            if isinstance(key, self._ed.Ed25519PublicKey):
                key.verify(signature, payload)
            elif isinstance(key, self._ec.EllipticCurvePublicKey):
                key.verify(signature, payload, self._ec.ECDSA(self._hashes.SHA256()))
            elif isinstance(key, self._rsa.RSAPublicKey):
                key.verify(signature, payload, self._pss(), self._hashes.SHA256())
            else:
                return False
        except self._exceptions.InvalidSignature:
            return False
        return True

    def _pss(self) -> Any:
        return self._padding.PSS(mgf=self._padding.MGF1(self._hashes.SHA256()), salt_length=32)

    def name_of(self, chain: list[Any], public: Any) -> str:
        """The subject of the certificate and the key's SHA-256."""
        der = public.public_bytes(self._form.Encoding.DER, self._form.PublicFormat.SubjectPublicKeyInfo)
        key = f"key SHA-256 {hashlib.sha256(der).hexdigest()}"
        return f"{chain[0].subject.rfc4514_string()} ({key})" if chain else key

    def faults_of_trust(self, chain: list[Any], public: Any, trusted: Path) -> Iterator[str]:
        """Why a signer is not trusted; nothing where it is."""
        try:
            pem = trusted.read_bytes()
        except OSError as error:
            raise ConfigError(f"{trusted}: {error.strerror or error}") from error
        if b"BEGIN CERTIFICATE" not in pem:
            if self.public_bytes(self.load_public(pem)) != self.public_bytes(public):
                yield f"The signer is {self.name_of(chain, public)}, and not the key in {trusted}."
            return
        roots = self.parse_certificates(pem)
        keys = {self.public_bytes(root.public_key()) for root in roots}
        if self.public_bytes(public) not in keys:
            if not chain:
                yield f"The signer has no certificate, and {trusted} does not contain its key."
                return
            if not any(self._leads_to(chain, root) for root in roots):
                yield f"No certificate in {trusted} issued the signer's certificate: {self.name_of(chain, public)}."
        now = datetime.now(UTC)
        for one in chain:
            if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
                yield (
                    f"The certificate {one.subject.rfc4514_string()} is valid from {one.not_valid_before_utc:%Y-%m-%d}"
                    f" to {one.not_valid_after_utc:%Y-%m-%d} only."
                )

    def _leads_to(self, chain: list[Any], root: Any) -> bool:
        """Whether each certificate was issued by the next, and the last by the root, and all of these may issue."""
        links = [*chain, root]
        return all(self._issued(one, other) for one, other in pairwise(links))

    def _issued(self, one: Any, issuer: Any) -> bool:
        try:
            one.verify_directly_issued_by(issuer)
            return bool(issuer.extensions.get_extension_for_class(self._x509.BasicConstraints).value.ca)
        except (ValueError, TypeError, self._exceptions.InvalidSignature, self._x509.ExtensionNotFound):
            return False
