"""The application: Reflex's pages and events, with Clasio's HTTP routes in front of them."""

import reflex as rx

from clasio_backend.http.app import build_api


def index() -> rx.Component:
    return rx.el.main(rx.el.h1("Clasio"))


app = rx.App(
    api_transformer=[build_api()],
    toaster=None,
    html_lang="en",
)
app.add_page(index, route="/", title="Clasio")
