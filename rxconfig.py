"""How Reflex builds the user interface. What differs between machines is set by `clasio_ui.server` at start."""

import reflex as rx

from clasio_ui.plugins import BrowserPlugin, SameOriginPlugin, StylesPlugin

config = rx.Config(
    app_name="clasio_ui",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_lazy_bundled_libraries=True,  # the first load leaves out what only evaluated components would need
    react_strict_mode=False,  # it renders twice in development only; one behaviour everywhere
    plugins=[StylesPlugin(), BrowserPlugin(), SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],  # everything is behind sign-in
)
