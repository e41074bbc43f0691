"""C2PA manifests, embedded or in a `.c2pa` sidecar. The only module that imports c2pa.

Rule: no network unless the user asks for it. The SDK's defaults fetch remote manifests, which reveals to a stranger
what is scanned; here a remote manifest is a statement (`remote-manifest`), not a request.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from media.containers.boxes import boxes
from media.errors import ConfigError, Malformed, MediaError, MissingDependency, TooLarge, Unreadable, Unsupported
from scanner.model import Evidence
from scanner.readers.c2pa_bytes import MAX_STORE, find_declared, find_trace, is_wide, joined_store, packed_store
from scanner.readers.c2pa_statements import statements
from scanner.readers.interface import Medium, Reader, ReadSettings

__all__ = ["C2PA", "C2pa", "check_anchors", "sdk_version"]

MAX_JSON = 64 << 20
"""Characters of the SDK's report on one file."""
_MAX_BOXES = 20_000
"""Boxes side by side. The SDK's time grows with their square: 3 s here, minutes for a few megabytes of empty ones."""
_BOXED = frozenset({"video/mp4", "video/quicktime", "audio/mp4", "image/heif", "image/avif", "image/jxl"})

_ZIPPED = ("epub+zip", "vnd.openxmlformats", "vnd.oasis.opendocument", "zip")
_SDK_NAMES: Mapping[str, str] = {
    "image/x-dng": "image/dng",
    **{f"application/{name}": "application/x-zip" for name in _ZIPPED},
    **{f"image/{name}": f"image/{name}" for name in ("jpeg", "png", "webp", "gif", "tiff", "heif", "avif", "jxl")},
    **{name: name for name in ("image/svg+xml", "video/mp4", "video/quicktime", "video/x-msvideo")},
    **{f"audio/{name}": f"audio/{name}" for name in ("mp4", "wav", "mpeg", "flac")},
    **{f"application/{name}": f"application/{name}" for name in ("pdf", "c2pa")},
}
"""Our media types → the SDK's. The bytes outvote the name, but archives it knows by name only."""

# Certificate purposes that sign claims: e-mail, documents, time stamps, OCSP, Microsoft documents, C2PA claims.
# Without the list the SDK calls every signer of the conformance programme invalid.
_PURPOSES = "\n".join(
    [
        *("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"),
        *("1.3.6.1.4.1.311.76.59.1.9", "1.3.6.1.4.1.62558.2.1", ""),
    ]
)

_REMOTE = re.compile(r"^Remote:.*?(?P<url>[a-z][a-z0-9+.-]*:\S+)?$", re.I | re.S)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_PRERELEASE = "prerelease content"
_UNPARSED = re.compile(r"^Io:|asset could not be parsed")


class C2pa(Reader):
    """Reads the manifest store: fast on every file, and again with full verification where one is found."""

    name = "c2pa"
    version = 6
    media_types = frozenset({*_SDK_NAMES, "image/x-raw"})
    sidecar_suffix = ".c2pa"
    """A sidecar with this suffix is about a medium of any type, MXF and EXR masters included."""

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the statements of the embedded store, then of each sidecar. A fault in one does not hide the others."""
        fault: MediaError | None = None
        for sidecar in (None, *(path for path in medium.sidecars if path.suffix.lower() == self.sidecar_suffix)):
            if sidecar is None and medium.media_type not in self.media_types:
                continue
            try:
                yield from _read_store(medium, sidecar)
            except MediaError as error:
                fault = fault or error
        if fault is not None:
            raise fault


_LIBRARY = "C2PA_LIBRARY_NAME"
_NATIVE = (".so", ".dylib", ".dll")


@lru_cache(maxsize=1)
def _sdk() -> Any:
    """The SDK, with the native library of its own package. `MissingDependency` where that is not there.

    Left alone its loader searches the working folder first, which may be a delivery. It takes a whole path as it is.
    """
    named = os.environ.get(_LIBRARY)
    if not Path(named or "").is_absolute():
        found = find_spec("c2pa")
        package = Path(found.origin).parent if found is not None and found.origin else None
        own = [file for file in package.rglob("*c2pa_c.*") if file.suffix in _NATIVE] if package is not None else []
        if not own:
            raise MissingDependency(
                "the native library of c2pa-python is missing from its package: install c2pa-python again"
            )
        os.environ[_LIBRARY] = str(own[0].resolve())
    try:
        return import_module("c2pa")
    finally:  # a program that uses provscan keeps its environment
        if named is None:
            os.environ.pop(_LIBRARY, None)
        else:
            os.environ[_LIBRARY] = named


def sdk_version() -> str:
    """The version of the SDK that reads manifests, as every report names it: results differ between versions."""
    c2pa = _sdk()

    return f"c2pa-python {c2pa.__version__}, c2pa-rs {c2pa.sdk_version()}"


def check_anchors(paths: tuple[str, ...]) -> None:
    """Raise `ConfigError` where a trust anchor file cannot be read or holds no certificate."""
    for path in paths:
        try:
            _context(ReadSettings(trust_anchors=(path,)), verify=True)
        except Unreadable as error:
            raise ConfigError(str(error)) from error


def _read_store(medium: Medium, sidecar: Path | None) -> Iterator[Evidence]:
    source = sidecar.name if sidecar else "alone" if medium.media_type == "application/c2pa" else "embedded"
    verify = medium.size <= medium.settings.verify_limit and source != "alone"  # alone, there is nothing to match
    data = packed_store(medium) if sidecar is None else _bytes(sidecar)
    fault: MediaError | None = None
    try:
        store, data = _first_look(medium, data, embedded=sidecar is None)
        if isinstance(store, dict) and verify:
            try:
                store = _store(medium, data, verify=True)
            except MediaError as error:
                fault, verify = error, False
    except _Remote as remote:
        yield Evidence(reader="c2pa", key="remote-manifest", value=remote.url, where=source, facts={"source": source})
        return
    except MediaError:
        yield from find_declared(medium, data, source)
        raise
    sourced = False
    if isinstance(store, dict):
        for said in statements(store, verified=verify, source=source, sdk=sdk_version(), media_type=medium.media_type):
            sourced = sourced or said.key.endswith("digitalSourceType")
            yield said
    if fault is not None:
        if not sourced:
            yield from find_declared(medium, data, source)
        raise fault


def _first_look(medium: Medium, data: bytes | None, *, embedded: bool) -> tuple[dict[str, Any] | None, bytes | None]:
    """The store, unverified, and its bytes where the SDK does not find or read them in the file by itself."""
    fault: MediaError | None = None
    try:
        store = _store(medium, data, verify=False)
    except Malformed as error:
        store, fault = None, error
    if store is None and embedded and data is None and (data := joined_store(medium)):
        store = _store(medium, data, verify=False)
    if store is None and fault is not None:
        raise fault
    return store, data


class _Remote(Exception):
    """The manifest is elsewhere."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def _store(medium: Medium, data: bytes | None, *, verify: bool) -> dict[str, Any] | None:
    """The SDK's report; None where there is no manifest."""
    c2pa = _sdk()

    context = _context(medium.settings, verify=verify)
    if data is None and medium.media_type in _BOXED and _has_too_many_boxes(medium):
        raise TooLarge(f"more than {_MAX_BOXES} boxes side by side: not searched for a manifest")
    medium.file.seek(0)
    try:
        reader = c2pa.Reader.try_create(_SDK_NAMES.get(medium.media_type), medium.file, data, context=context)
        if reader is None:
            return None
        with reader:
            report = reader.json()
    except (c2pa.C2paError.NotSupported, c2pa.C2paError.ManifestNotFound):
        return None
    except c2pa.C2paError as error:
        _refuse(medium, data, str(error))
        return None
    if len(report) > MAX_JSON:
        raise TooLarge(f"the C2PA manifests come to {len(report)} characters; the limit is {MAX_JSON}")
    try:
        store = json.loads(report)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the C2PA manifests cannot be represented: {error}") from error
    return store if isinstance(store, dict) else None


def _has_too_many_boxes(medium: Medium) -> bool:
    count = 0
    with suppress(Malformed):
        for _ in islice(boxes(medium.file, 0, medium.size), _MAX_BOXES + 1):
            count += 1
    return count > _MAX_BOXES


def _refuse(medium: Medium, data: bytes | None, message: str) -> None:
    """Raise what an error of the SDK means: a manifest elsewhere, or a damaged one. Nothing where there is none."""
    remote = _REMOTE.match(message)
    if remote:
        raise _Remote((remote["url"] or message)[:2_000])
    if _PRERELEASE in message:
        raise Unsupported("the C2PA manifest is of a draft before version 1.0, which the SDK does not read")
    if data is None and is_wide(medium):
        return  # what it holds was looked for
    # A broken container without a manifest is for other readers to report.
    if data is not None or not _UNPARSED.search(message) or _may_hold_one(medium):
        raise Malformed(f"the C2PA manifest cannot be read: {message[:500]}")


def _may_hold_one(medium: Medium) -> bool:
    """Whether there is a manifest that the SDK did not come to."""
    if medium.media_type == "audio/wav":  # the SDK knows no RF64; it would have the same chunk
        chunks = tuple(medium.parts("C2PA"))
        if chunks or medium.fault is None:
            return bool(chunks)
    return find_trace(medium.file, medium.size) is not None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_STORE + 1)
    except OSError as error:
        raise Unreadable(f"sidecar {path.name} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_STORE:
        raise TooLarge(f"sidecar {path.name} is over {MAX_STORE} bytes")
    return data


def _context(settings: ReadSettings, *, verify: bool) -> Any:
    """The SDK's settings, made once per process: a context does not survive a fork."""
    return _make_context(settings.trust_anchors, settings.network, verify, os.getpid())


@lru_cache(maxsize=8)
def _make_context(anchors: tuple[str, ...], network: bool, verify: bool, _process: int) -> Any:
    c2pa = _sdk()

    lists = [_anchor(path) for path in anchors]
    settings: dict[str, Any] = {
        "verify": {"remote_manifest_fetch": network, "ocsp_fetch": False, "verify_after_reading": verify},
        "core": {"decode_identity_assertions": False},
        "trust": {"trust_config": _PURPOSES, "anchors": lists},
    }
    if not network:
        settings["core"]["allowed_network_hosts"] = []
    try:
        return c2pa.Context.from_dict(settings)
    except c2pa.C2paError as error:
        raise Unreadable(f"trust anchors {', '.join(anchors)}: {error}") from error


def _anchor(path: str) -> dict[str, str]:
    """One list of the user's. Roots vouch for what they issued, signers' own certificates for themselves."""
    try:
        pem = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unreadable(f"trust anchors {path} cannot be read: {error.strerror or error}") from error
    pem = "\n".join(_PEM.findall(pem)) + "\n"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)  # the SDK swallows nonsense
    except (ssl.SSLError, ValueError) as error:
        raise Unreadable(f"trust anchors {path} hold no list of PEM certificates: {error}") from error
    return {
        "trust_kind": "manifest",
        "trust_uri": Path(path).name,
        "trust_anchors": pem,
        "allowed_list": pem,
        "trust_config": _PURPOSES,
    }


C2PA = C2pa()
