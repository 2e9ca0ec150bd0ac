import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import card
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import choice_field, text_field
from clasio_ui.components.screens import switch
from clasio_ui.layout import screen
from clasio_ui.pages import (
    category_section,
    email_address_section,
    export_section,
    second_factor_section,
    security_section,
    token_section,
    ways_in_section,
)
from clasio_ui.pages.leaving import leaving_section
from clasio_ui.state.settings import SettingsState

SKELETON_LINES = 5
MODES = (
    ("automatic", "As soon as a document was read"),
    ("on_request", "When somebody asks for it"),
    ("never", "Never"),
)
PLACES = (("false", "With the AI that is set up for this Clasio"), ("true", "On this machine only"))
DEMANDS = (("false", "Everybody decides for themselves"), ("true", "Required of everybody"))

SECTIONS = (
    category_section,
    email_address_section,
    export_section,
    security_section,
    ways_in_section,
    second_factor_section,
    token_section,
)
ON_LOAD = [SettingsState.load, SettingsState.watch, *(event for section in SECTIONS for event in section.ON_LOAD)]


@screen(routes.SETTINGS, "Settings", on_load=ON_LOAD)
def settings() -> rx.Component:
    return rx.fragment(
        switch(
            rx.el.div(
                rx.cond(SettingsState.may_manage, rx.fragment(_organization(), category_section.category_section())),
                email_address_section.email_address_section(),
                security_section.security_section(),
                ways_in_section.ways_in_section(),
                second_factor_section.second_factor_section(),
                token_section.token_section(),
                export_section.export_section(),
                leaving_section(),
                class_name="stack narrow-page",
            ),
            is_loading=SettingsState.is_loading,
            skeleton=card(lines_skeleton("Loading the settings", SKELETON_LINES)),
            error=SettingsState.error,
            error_id=SettingsState.error_id,
            on_retry=SettingsState.load,
        ),
    )


def _organization() -> rx.Component:
    return card(
        rx.el.form(
            text_field(
                "name",
                "Name",
                of="organization",
                error=_error_at("name"),
                default_value=SettingsState.name,
                max_length=200,
            ),
            choice_field(
                "analysis_mode",
                "Analyse documents",
                MODES,
                of="organization",
                default_value=SettingsState.analysis_mode,
            ),
            choice_field(
                "local_only",
                "Where",
                PLACES,
                of="organization",
                default_value=SettingsState.local_only,
                hint="On this machine, Clasio's own analyzer reads the documents and nothing leaves it.",
            ),
            text_field(
                "max_share_days",
                "Longest share, in days",
                of="organization",
                error=_error_at("max_share_days"),
                type="number",
                min=1,
                max=90,
                default_value=SettingsState.max_share_days,
                hint="Counts for shares made from now on. Open shares keep their end; revoke them on the page Shared.",
            ),
            choice_field(
                "requires_second_factor",
                "Two-factor sign-in",
                DEMANDS,
                of="organization",
                error=_error_at("requires_second_factor"),
                default_value=SettingsState.requires_second_factor,
                hint="Whoever has not turned it on is asked to before anything else, and their API tokens wait for it.",
            ),
            rx.el.div(rx.el.button("Save", type="submit", class_name="button button-primary")),
            on_submit=SettingsState.save,
            class_name="form card-body",
            key=_as_saved(),
        ),
        title="Organization",
    )


def _as_saved() -> rx.Var[str]:
    """Changes with what was saved, so that the form shows it anew."""
    saved = SettingsState.name + SettingsState.analysis_mode + SettingsState.local_only
    return saved + SettingsState.max_share_days + SettingsState.requires_second_factor


def _error_at(field: str) -> rx.Var[str]:
    return rx.cond(SettingsState.error_field == field, SettingsState.setting_error, "")
