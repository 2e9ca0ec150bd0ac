"""The public pages of a share as HTML: no script, one style, no cache, no index."""

import base64
import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_FOLDER = Path(__file__).parent / "templates"
STYLE = (_FOLDER / "share.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Robots-Tag": "noindex, nofollow",
}


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One of the `share*.html` templates; every value is escaped."""
    html = _templates().get_template(template).render(style=Markup(STYLE), **values)  # noqa: S704  # our own file
    return HTMLResponse(html, status_code=status, headers=HEADERS)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters["size"] = _size
    templates.filters["day"] = _day
    templates.globals["narrow"] = False
    return templates


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:,.1f} {unit}".replace(".0 ", " ")
    return f"{size_bytes} B"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
