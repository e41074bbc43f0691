"""`provscan library …`: keep the pictures, clips and sounds that others are traced back to."""

from __future__ import annotations

import click

from scanner.cli.library.copying import export_library, merge_library
from scanner.cli.library.filling import add_files, import_log, init_library, remove_references
from scanner.cli.library.lists import count_contents, list_references, show_reference
from scanner.cli.library.repairing import repair_library, verify_library
from scanner.cli.library.search import search_image

__all__ = ["library"]


@click.group(
    epilog="""
\b
Examples:
  provscan library init ARCHIVE
  provscan library import ARCHIVE archival_log.xlsx
  provscan library add ARCHIVE scans/ --role archival --quality scan
  provscan library add ARCHIVE newsreel.mov theme.wav --role copyrighted --licence L-7
  provscan library search ARCHIVE frame_grab.png
"""
)
def library() -> None:
    """Reference libraries: folders of fingerprints that recognise known pictures and sounds, also after edits.

    A library holds fingerprints and small pictures, never the files themselves. It needs no server.
    """


for command in (
    init_library, add_files, import_log, list_references, show_reference, remove_references, verify_library,
    repair_library, export_library, merge_library, search_image, count_contents,
):  # fmt: skip
    library.add_command(command)
