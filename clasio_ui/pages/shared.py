import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import button, card, link_button
from clasio_ui.components.browser import Dialog, RowKeys, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.lists import select
from clasio_ui.components.screens import empty, switch
from clasio_ui.components.shares import share_line, until_badge
from clasio_ui.layout import screen
from clasio_ui.state.sharing import SharedState

SKELETON_LINES = 5


@screen(
    routes.SHARED, "Shared", on_load=[SharedState.keep, SharedState.hide_opens, SharedState.load, SharedState.watch]
)
def shared() -> rx.Component:
    """Every link that is open, who used it, and the way to close it."""
    return rx.fragment(
        switch(
            rx.cond(SharedState.shares.length() > 0, _shares(), _nothing()),
            is_loading=SharedState.is_loading,
            skeleton=card(lines_skeleton("Loading the shares", SKELETON_LINES)),
            error=SharedState.error,
            error_id=SharedState.error_id,
            on_retry=SharedState.load,
        ),
        opens_dialog(),
        _revoke_all_dialog(),
    )


def _shares() -> rx.Component:
    revoke_all = button("Revoke all", symbol="x", kind="danger", on_click=SharedState.ask_to_revoke_all)
    return card(
        RowKeys.create(rx.el.ul(rx.foreach(SharedState.shares, _share), class_name="list")),
        title="Open shares",
        action=revoke_all,
    )


def _share(share: rx.Var) -> rx.Component:
    end = select(
        "End of the share with " + share.whom.to(str),
        rx.fragment(
            rx.el.option(share.until, value=""),
            rx.foreach(SharedState.days, lambda day: rx.el.option("In " + day[1].to(str), value=day[0])),
        ),
        value="",
        on_change=lambda days: SharedState.set_end(share.id, days),
    )
    return share_line(
        share,
        on_revoke=SharedState.revoke(share.id),
        on_show=SharedState.show_opens(share.id),
        end=rx.cond(share.may_revoke, end, until_badge(share)),
        with_document=True,
    )


def _nothing() -> rx.Component:
    return rx.el.div(
        empty(
            "share-2",
            "Nothing is shared",
            "Open a document and choose Share to let somebody see it for a while, without an account.",
            link_button("All documents", routes.DOCUMENTS),
        ),
        class_name="card",
    )


def opens_dialog() -> rx.Component:
    """When a share was opened."""
    return Dialog.create(
        rx.el.ul(
            rx.foreach(
                SharedState.opens,
                lambda each: rx.el.li(
                    each.what, When.create(at=each.at), class_name="line-wide list-item", key=each.at
                ),
            ),
            class_name="list dialog-list",
            tab_index=0,  # a long list is scrolled by keyboard
        ),
        rx.el.p("Clasio keeps the time and the sort of device, and nothing else.", class_name="quiet small"),
        rx.el.div(button("Close", on_click=SharedState.hide_opens), class_name="dialog-actions"),
        is_open=SharedState.opens_of != "",
        title="Opened",
        on_close=SharedState.hide_opens,
    )


def _revoke_all_dialog() -> rx.Component:
    return Dialog.create(
        rx.cond(
            SharedState.may_revoke_all,
            rx.el.p("Every link of this organization stops working at once, whoever made it."),
            rx.el.p("Every link that you made stops working at once."),
        ),
        rx.el.div(
            button("Cancel", on_click=SharedState.keep),
            button("Revoke all", kind="danger", on_click=SharedState.revoke_all),
            class_name="dialog-actions",
        ),
        is_open=SharedState.is_asking,
        title="Revoke all shares",
        on_close=SharedState.keep,
    )
