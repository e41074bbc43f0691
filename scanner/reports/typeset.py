"""Typesets PDF with Typst, without a browser, a system library or a network. The only module that imports typst.

Data are JSON that the template reads: its texts are never markup. Pictures are files of a folder that is made for one
document; nothing outside it can be opened. Sources: Typst's reference; PDF/UA-1 (ISO 14289-1).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from media.errors import Malformed, MissingDependency

__all__ = ["check_typst", "typeset"]


def check_typst() -> None:
    """`MissingDependency` where Typst is not installed."""
    if find_spec("typst") is None:
        raise MissingDependency("PDF needs Typst, which is not installed; run: pip install 'provscan[pdf]'")


def typeset(template: str, data: str, pictures: Mapping[str, bytes], made: datetime | None) -> bytes:
    """A tagged PDF. It conforms to PDF/UA-1 where the fonts have every character, which the template then states.

    `pictures` are JPEGs by their plain names. Raises `Malformed` where the document cannot be typeset; runs in a sealed
    worker, because fonts and pictures are read by native code.
    """
    from typst import Compiler, TypstError

    with tempfile.TemporaryDirectory(prefix="provscan-pdf-") as folder:
        for name, picture in pictures.items():
            (Path(folder) / name).write_bytes(picture)
        compiler = Compiler(root=folder)
        for is_accessible in (True, False):
            try:
                made_of = compiler.compile(
                    template.encode(),
                    format="pdf",
                    sys_inputs={"data": data, "lacks-characters": "" if is_accessible else "yes"},
                    pdf_standards=["ua-1"] if is_accessible else [],
                    timestamp=made,
                )
            except TypstError as error:
                if not is_accessible:
                    raise Malformed(f"not typeset: {error.message[:300]}") from error
            else:
                if isinstance(made_of, bytes):
                    return made_of
    raise Malformed("not typeset: Typst gave no document")
