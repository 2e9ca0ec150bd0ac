import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import link_button
from clasio_ui.layout import PRODUCT, plain


@rx.page(route="404", title=f"Not found · {PRODUCT}")
def not_found() -> rx.Component:
    return plain(
        "This page does not exist",
        "The address may be wrong, or you have no access to what it names.",
        rx.el.div(
            link_button("Go to the overview", routes.OVERVIEW, kind="primary"),
            link_button("All documents", routes.DOCUMENTS),
            class_name="line wrap",
        ),
    )
