"""Dead jobs on the page Ops: cause, stack, retry and drop."""

from typing import Any

import reflex as rx

from clasio_ui.components.basics import button
from clasio_ui.components.browser import Dialog, When
from clasio_ui.components.lists import pager, select
from clasio_ui.state.ops import OpsState


def dead_jobs() -> rx.Component:
    """Nothing while there are none."""
    kinds = select(
        "Kind",
        rx.fragment(
            rx.el.option("All kinds", value=""),
            rx.foreach(OpsState.kinds, lambda kind: rx.el.option(kind.label, value=kind.value, key=kind.value)),
        ),
        value=OpsState.kind,
        on_change=OpsState.set_kind,
    )
    head = rx.el.div(
        rx.el.h2("Dead jobs"),
        rx.el.div(
            kinds,
            button("Retry all", symbol="rotate-cw", on_click=OpsState.ask("retry_all", "")),
            button("Drop all", kind="danger", symbol="trash-2", on_click=OpsState.ask("drop_all", "")),
            class_name="line wrap",
        ),
        class_name="card-head card-head-wraps",
    )
    return rx.cond(
        (OpsState.kinds.length() > 0) | (OpsState.kind != ""),
        rx.el.section(
            head,
            rx.cond(
                OpsState.dead.length() > 0,
                rx.el.ul(rx.foreach(OpsState.dead, _dead_job), class_name="list"),
                rx.el.p("No dead job of this kind.", class_name="quiet card-body"),
            ),
            pager(
                OpsState.page_number,
                has_next=OpsState.next_cursor != "",
                on_previous=OpsState.previous_page,
                on_next=OpsState.next_page,
            ),
            class_name="card",
            aria_label="Dead jobs",
        ),
    )


def _dead_job(job: Any) -> rx.Component:
    stack = rx.el.details(
        rx.el.summary("Stack", class_name="quiet small"), rx.el.pre(job.stack, class_name="stack-trace")
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.span(job.kind, class_name="strong"), " · ", job.cause),
            rx.el.p(
                "Of ",
                job.whose,
                " · ",
                job.tries,
                " · gave up ",
                When.create(at=job.died_at),
                class_name="quiet small",
            ),
            rx.cond(job.keeps_from_retry != "", rx.el.p(job.keeps_from_retry, class_name="quiet small")),
            rx.cond(job.stack != "", stack),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(
                job.keeps_from_retry == "",
                button("Retry", symbol="rotate-cw", on_click=OpsState.retry(job.id)),
            ),
            button("Drop", symbol="trash-2", on_click=OpsState.ask("drop", job.id)),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        key=job.id,
    )


def dead_jobs_dialog() -> rx.Component:
    """Names what would be done."""
    count = rx.cond(OpsState.dead_count == 1, "1 dead job", OpsState.dead_count.to(str) + " dead jobs")
    of_kind = rx.cond(OpsState.asked_kind != "", " of the kind " + OpsState.asked_kind, "")
    drop_words = "What they were about stays as it is; nobody can bring them back."
    return Dialog.create(
        rx.match(
            OpsState.asking,
            (
                "retry_all",
                rx.el.p(
                    "Clasio tries ",
                    count,
                    of_kind,
                    " again, 1,000 at once at most. Those that cannot be tried again stay.",
                ),
            ),
            ("drop_all", rx.el.p("Clasio drops ", count, of_kind, ", 1,000 at once at most. ", drop_words)),
            rx.el.p(
                "Clasio drops the job ",
                rx.el.strong(OpsState.asked_kind),
                ". What it was about stays as it is; nobody can bring the job back.",
            ),
        ),
        rx.el.div(
            button("Cancel", on_click=OpsState.keep),
            rx.cond(
                OpsState.asking == "retry_all",
                button("Retry all", kind="primary", on_click=OpsState.do_asked),
                button(
                    rx.cond(OpsState.asking == "drop_all", "Drop all", "Drop"),
                    kind="danger",
                    on_click=OpsState.do_asked,
                ),
            ),
            class_name="dialog-actions",
        ),
        is_open=OpsState.asking != "",
        title=rx.match(
            OpsState.asking,
            ("retry_all", "Retry dead jobs"),
            ("drop_all", "Drop dead jobs"),
            "Drop this job",
        ),
        on_close=OpsState.keep,
    )
