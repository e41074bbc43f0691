"""The browser of folders: its listings, as data for the script that shows them."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.folders import list_folder, start_folders
from scanner.desk.web import FormFields, posted, send_json
from scanner.reports.wording import inert

__all__ = ["routes"]


def list_names(_: Request, form: FormFields) -> Response:
    """The names in the folder of the form: `at`, `go` (a name in it, or `..`), and `kind`; of a file's, its folder."""
    at = Path(form.text("at")).expanduser() if form.text("at") else Path.home()
    while not at.is_dir() and at.parent != at:
        at = at.parent
    listed = list_folder(at / form.text("go") if form.text("go") else at, form.text("kind"))
    return send_json(
        {
            "path": str(listed.path),
            "above": listed.above is not None,
            "folders": [{"name": name, "shown": inert(name)} for name in listed.folders],
            "files": [{"name": name, "shown": inert(name)} for name in listed.files],
            "is_cut": listed.is_cut,
            "starts": [str(path) for path in start_folders()],
        }
    )


routes = (Route("/browse", posted(list_names), methods=["POST"]),)
