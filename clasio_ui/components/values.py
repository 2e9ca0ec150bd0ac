"""One value of a document: shown with who set it, and edited in place."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from clasio_ui.components.basics import icon_button, set_by
from clasio_ui.components.browser import Day, EditBox

NONE = "Not set"


@dataclass(frozen=True)
class Editing:
    """Which value is being edited, what is wrong with it, and what to call; `undoable` names what can be taken back."""

    field: rx.Var[str]
    error: rx.Var[str]
    edit: Any
    save: Any
    accept: Any = None
    undo: Any = None
    undoable: Any = None

    def mark(self, name: str, label: str, by: rx.Var[str]) -> rx.Component:
        """Who set it, with what can be done about that."""
        word = label.lower()
        return rx.el.dd(
            set_by(by),
            rx.cond(
                (by != "") & (by != "You"),
                icon_button("check", f"Accept the {word}", on_click=self.accept(name)),
            ),
            rx.cond(self.undoable.contains(name), icon_button("undo-2", f"Undo the {word}", on_click=self.undo(name))),
            class_name="value-by line",
        )

    def box(self, value: rx.Var[str], label: str, *, kind: str, options: Any = None) -> rx.Component:
        return EditBox.create(
            label=label,
            value=value,
            kind=kind,
            options=[] if options is None else options,
            error=self.error,
            on_save=self.save,
            on_cancel=self.edit(""),
        )


def editable(  # noqa: PLR0913  # one argument for each thing a value can be
    editing: Editing,
    name: str,
    value: rx.Var[str],
    *,
    label: str,
    by: rx.Var[str] | None = None,
    kind: str = "text",
    options: Any = None,
) -> rx.Component:
    """A value that opens its editor when it is clicked; `kind` is `text`, `long`, `date` or `choice`."""
    shown = Day.create(on=value) if kind == "date" else value
    return rx.el.div(
        rx.el.dt(label),
        rx.cond(
            editing.field == name,
            rx.el.dd(editing.box(value, label, kind=kind, options=options)),
            rx.el.dd(
                rx.el.button(
                    rx.cond(value != "", shown, rx.el.span(NONE, class_name="value-none")),
                    type="button",
                    class_name="value-edit",
                    aria_label="Edit " + label.lower() + ": " + rx.cond(value != "", value, NONE).to(str),
                    on_click=editing.edit(name),
                )
            ),
        ),
        editing.mark(name, label, by) if by is not None else None,
        class_name="value value-long" if kind == "long" else "value",
    )


def title(editing: Editing, name: str, value: rx.Var[str]) -> rx.Component:
    """A document's name as its page's heading, edited the same way."""
    return rx.cond(
        editing.field == name,
        editing.box(value, "Name", kind="text"),
        rx.el.h2(
            rx.el.button(
                value,
                type="button",
                class_name="value-edit title-edit",
                aria_label="Edit name: " + value,
                on_click=editing.edit(name),
            )
        ),
    )


def acceptable(editing: Editing, name: str, value: Any, *, label: str, by: rx.Var[str]) -> rx.Component:
    """A value that is accepted or not, but not edited; left out while there is none."""
    return rx.cond(
        value != "", rx.el.div(rx.el.dt(label), rx.el.dd(value), editing.mark(name, label, by), class_name="value")
    )


def amounts(items: rx.Var[list[Any]], *, by: rx.Var[str]) -> rx.Component:
    """They are accepted together: see `acceptable`."""

    def one(item: Any) -> rx.Component:
        return rx.el.div(
            rx.el.dt(item.label),
            rx.el.dd(item.amount, class_name="numbers"),
            rx.el.dd(set_by(by), class_name="value-by"),
            class_name="value",
        )

    return rx.foreach(items, one)
