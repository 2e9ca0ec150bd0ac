from typing import Any

import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import badge, button, card, icon, icon_button
from clasio_ui.components.browser import When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.screens import switch
from clasio_ui.layout import screen
from clasio_ui.pages.ops_dead import dead_jobs, dead_jobs_dialog
from clasio_ui.pages.ops_frame import for_operators
from clasio_ui.state.ops import OpsState

SKELETON_LINES = 4


@screen(routes.OPS, "Ops", on_load=[OpsState.load, OpsState.watch])
def ops() -> rx.Component:
    """What is wrong and what to do, then the work of the whole instance."""
    return for_operators(
        routes.OPS,
        OpsState.is_missing,
        switch(
            rx.el.div(
                _problems(),
                dead_jobs(),
                rx.el.div(_queues(), _running(), class_name="grid-two"),
                _schedules(),
                _workers(),
                _scanner(),
                _versions(),
                class_name="stack",
            ),
            is_loading=OpsState.is_loading,
            skeleton=_skeleton(),
            error=OpsState.error,
            error_id=OpsState.error_id,
            on_retry=OpsState.load,
        ),
        dead_jobs_dialog(),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        card(lines_skeleton("Looking at the instance", 1)),
        rx.el.div(
            card(lines_skeleton("Loading queues", SKELETON_LINES), title="Queues"),
            card(lines_skeleton("Loading running jobs", SKELETON_LINES), title="Running"),
            class_name="grid-two",
        ),
        card(lines_skeleton("Loading schedules", SKELETON_LINES), title="Schedules"),
        class_name="stack",
    )


def _problems() -> rx.Component:
    calm = rx.el.p(icon("circle-check"), "All is well: work is being done.", class_name="limit limit-good")
    return rx.cond(
        OpsState.problems.length() > 0,
        rx.el.ul(rx.foreach(OpsState.problems, _problem), class_name="stack-tight", aria_label="What is wrong"),
        calm,
    )


def _problem(problem: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(problem.tone == "bad", icon("circle-alert"), icon("triangle-alert")),
        rx.el.p(rx.el.span(problem.says, class_name="strong"), " ", problem.fix),
        class_name=rx.cond(problem.tone == "bad", "limit limit-full", "limit"),
        key=problem.code + problem.says.to(str),
    )


def _queues() -> rx.Component:
    return card(rx.el.ul(rx.foreach(OpsState.queues, _queue), class_name="list"), title="Queues")


def _queue(queue: Any) -> rx.Component:
    switch_it = rx.cond(
        queue.is_paused,
        icon_button("circle-play", "Resume the queue " + queue.name, on_click=OpsState.resume_queue(queue.name)),
        icon_button("circle-pause", "Pause the queue " + queue.name, on_click=OpsState.pause_queue(queue.name)),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(queue.name, class_name="strong"),
            rx.el.p(
                queue.due,
                " due",
                rx.cond(queue.oldest_at != "", rx.fragment(", the first ", When.create(at=queue.oldest_at))),
                " · ",
                queue.running,
                " running · ",
                queue.later,
                " for later · ",
                queue.workers,
                class_name="quiet small numbers",
            ),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(queue.is_paused, badge("Paused", symbol="circle-pause", tone="warn")),
            switch_it,
            class_name="line",
        ),
        class_name="list-item",
        key=queue.name,
    )


def _running() -> rx.Component:
    return card(
        rx.cond(
            OpsState.running.length() > 0,
            rx.el.ul(rx.foreach(OpsState.running, _running_job), class_name="list"),
            rx.el.p("No job runs right now.", class_name="quiet card-body"),
        ),
        title="Running",
    )


def _running_job(job: Any) -> rx.Component:
    bar = rx.el.progress(value=job.done, max=job.total, class_name="bar", aria_label="Progress of " + job.kind)
    return rx.el.li(
        rx.el.div(
            rx.el.p(job.kind, rx.cond(job.progress != "", rx.el.span(" · ", job.progress, class_name="quiet numbers"))),
            rx.el.p("Of ", job.whose, " · started ", When.create(at=job.started_at), class_name="quiet small"),
            rx.cond(job.progress != "", bar),
            class_name="list-text stack-tight",
        ),
        class_name="list-item",
        key=job.id,
    )


def _schedules() -> rx.Component:
    return card(rx.el.ul(rx.foreach(OpsState.schedules, _schedule), class_name="list"), title="Schedules")


def _schedule(item: Any) -> rx.Component:
    switch_it = rx.cond(
        item.is_paused,
        icon_button("circle-play", "Resume " + item.id, on_click=OpsState.resume_schedule(item.id)),
        icon_button("circle-pause", "Pause " + item.id, on_click=OpsState.pause_schedule(item.id)),
    )
    result = rx.match(
        item.tone,
        ("good", badge(item.result, symbol="circle-check", tone="good")),
        ("warn", badge(item.result, symbol="triangle-alert", tone="warn")),
        ("bad", badge(item.result, symbol="circle-x", tone="bad")),
        badge(item.result, tone="plain"),
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.span(item.id, class_name="strong"), " ", rx.el.span(item.every, class_name="quiet")),
            rx.el.p(
                rx.cond(item.last_at != "", rx.fragment("Last run ", When.create(at=item.last_at), item.took)),
                rx.cond((item.last_at != "") & (item.next != ""), " · ", ""),
                rx.cond(item.next != "", rx.fragment("next ", item.next)),
                class_name="quiet small numbers",
            ),
            rx.cond(item.error != "", rx.el.p(item.error, class_name="field-error")),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(item.is_late, badge("Late", symbol="clock", tone="bad")),
            rx.cond(item.is_paused, badge("Paused", symbol="circle-pause", tone="warn")),
            result,
            button(
                "Run now", symbol="play", on_click=OpsState.run_schedule(item.id), aria_label="Run " + item.id + " now"
            ),
            switch_it,
            class_name="line wrap",
        ),
        class_name="list-item list-item-wraps",
        key=item.id,
    )


def _workers() -> rx.Component:
    return card(
        rx.cond(
            OpsState.workers.length() > 0,
            rx.el.ul(rx.foreach(OpsState.workers, _worker), class_name="list"),
            rx.el.p("No process has been seen for a day.", class_name="quiet card-body"),
        ),
        title="Workers",
    )


def _worker(worker: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(worker.kind, class_name="strong"),
                rx.cond(worker.queues != "", rx.el.span(" · ", worker.queues, class_name="quiet")),
            ),
            rx.el.p(
                worker.where,
                " · started ",
                When.create(at=worker.started_at),
                rx.cond(worker.is_silent, rx.fragment(" · last seen ", When.create(at=worker.seen_at))),
                class_name="quiet small",
            ),
            class_name="list-text",
        ),
        rx.cond(
            worker.is_silent,
            badge("Silent", symbol="circle-alert", tone="bad"),
            badge("Working", symbol="circle-check", tone="good"),
        ),
        class_name="list-item",
        key=worker.id,
    )


def _scanner() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.p(OpsState.scanner, class_name="numbers"),
            rx.cond(
                OpsState.can_scan,
                rx.el.div(
                    rx.cond(
                        OpsState.has_not_scanned,
                        button("Scan what was not scanned", symbol="shield", on_click=OpsState.scan_not_scanned),
                    ),
                    button("Scan again with this database", symbol="scan-search", on_click=OpsState.scan_everything),
                    class_name="line wrap",
                ),
            ),
            class_name="stack-tight card-body",
        ),
        title="Virus scanner",
    )


def _versions() -> rx.Component:
    return rx.el.p(OpsState.versions.join(" · "), class_name="quiet small numbers")
