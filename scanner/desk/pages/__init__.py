"""The pages of the desk. To add one: its module here, with its `routes`, and one line in `ROUTES`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from scanner.desk.pages import alive, audits, browse, choose, folders, home, media, review, run, sign

__all__ = ["ROUTES"]

ROUTES: tuple[BaseRoute, ...] = (
    *home.routes,
    *alive.routes,
    *audits.routes,
    *browse.routes,
    *choose.routes,
    *folders.routes,
    *run.routes,
    *review.routes,
    *media.routes,
    *sign.routes,
)
