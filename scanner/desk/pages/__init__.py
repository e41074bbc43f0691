"""The pages of the desk. To add one: its module here, with its `routes`, and one line in `ROUTES`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from scanner.desk.pages import home, review

__all__ = ["ROUTES"]

ROUTES: tuple[BaseRoute, ...] = (
    *home.routes,
    *review.routes,
)
