"""What Clasio adds to Reflex's frontend build."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

from clasio_ui.theme import stylesheet

STYLES = Path(__file__).with_name("styles")
BROWSER = Path(__file__).with_name("browser")
STATE_JS = "utils/state.js"
_ABSOLUTE = "const endpoint = new URL(url_str);"
_SAME_ORIGIN = (
    'const endpoint = new URL(url_str, typeof window === "undefined" ? "http://localhost" : window.location.origin);\n'
    '  if (url_str.startsWith("/")) return endpoint;'
)


class StylesPlugin(Plugin):
    """Puts the tokens of `theme.py` and the rules of `styles/*.css` into one stylesheet."""

    def get_static_assets(self, **_: Any) -> Sequence[tuple[Path, str | bytes]]:
        rules = (path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))
        return [(Path("styles/clasio.css"), "\n".join([stylesheet(), *rules]))]

    def get_stylesheet_paths(self, **_: Any) -> Sequence[str]:
        return ["./clasio.css"]


class BrowserPlugin(Plugin):
    """Bundles our own React components (`browser/*`), which `components.browser` imports as `$/clasio/…`."""

    def get_static_assets(self, **_: Any) -> Sequence[tuple[Path, str | bytes]]:
        return [(Path("clasio") / path.name, path.read_text(encoding="utf-8")) for path in sorted(BROWSER.iterdir())]


class SameOriginPlugin(Plugin):
    """Lets the built pages find the server they came from.

    Reflex writes the public URL into the build. Clasio's pages and events share one origin, so paths do, and one
    build serves every BASE_URL and port.
    """

    def update_env_json(self, **_: Any) -> dict[str, Any]:
        return {"PING": "/ping", "EVENT": "/_event", "UPLOAD": "/_upload"}

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"](STATE_JS, _resolve_paths)


def _resolve_paths(script: str) -> str:
    if _SAME_ORIGIN in script:
        return script
    if _ABSOLUTE not in script:
        raise RuntimeError(f"Reflex's {STATE_JS} has changed: adapt SameOriginPlugin to it.")
    return script.replace(_ABSOLUTE, _SAME_ORIGIN)
