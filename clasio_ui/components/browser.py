"""Our own React components (`clasio_ui/browser`) as Reflex components: what needs the browser's own abilities.

They are bundled with the pages and never evaluate text, so the strict content security policy holds.
"""

from typing import Any

import reflex as rx
from reflex_components_lucide.icon import LUCIDE_LIBRARY


class _Browser(rx.Component):
    lib_dependencies: list[str] = [LUCIDE_LIBRARY]


class _Frame(_Browser):
    library = "$/clasio/Frame"


class NavItem(_Frame):
    """A link of the navigation; marked as current while its page is open."""

    tag = "NavItem"
    to: rx.Var[str]
    end: rx.Var[bool]
    label: rx.Var[str]


class SearchField(_Frame):
    tag = "SearchField"
    path: rx.Var[str]


class ThemeSwitch(_Frame):
    tag = "ThemeSwitch"


class ThemeButton(_Frame):
    tag = "ThemeButton"


class PageFocus(_Frame):
    tag = "PageFocus"
    target: rx.Var[str]


class Connection(_Frame):
    tag = "Connection"


class PostForm(_Frame):
    """A plain form that the browser posts; the answer is a new page."""

    tag = "PostForm"
    action: rx.Var[str]
    fields: rx.Var[dict[str, str]]


class _Keys(_Browser):
    library = "$/clasio/Keys"


class Shortcuts(_Keys):
    """The keys that work everywhere; all keys are declared in `browser/keys.js`."""

    tag = "Shortcuts"
    search_path: rx.Var[str]


class KeySheet(_Keys):
    """The list of all keys, on `?`."""

    tag = "KeySheet"


class KeySheetButton(_Keys):
    tag = "KeySheetButton"


class _Palette(_Browser):
    library = "$/clasio/Palette"


class PaletteButton(_Palette):
    tag = "PaletteButton"


class Palette(_Palette):
    """Pages, documents and actions by typing; `on_query` gets what is typed, and `found` answers `found_for`."""

    tag = "Palette"
    pages: rx.Var[list[dict[str, str]]]
    organizations: rx.Var[list[Any]]
    may_invite: rx.Var[bool]
    found: rx.Var[list[Any]]
    found_for: rx.Var[str]
    search_path: rx.Var[str]
    switch_path: rx.Var[str]
    sign_out_path: rx.Var[str]
    on_query: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_invite: rx.EventHandler[rx.event.no_args_event_spec]


class Link(rx.Component):
    """A link to another page of Clasio, without loading everything anew."""

    library = "react-router"
    tag = "Link"
    alias = "RouterLink"
    to: rx.Var[str]
    title: rx.Var[str]


class UploadButton(_Browser):
    library = "$/clasio/UploadTray"
    tag = "UploadButton"
    label: rx.Var[str]


class UploadTray(_Browser):
    """Drop anywhere, and the list of uploads. `organization` is the id of the one that the page shows: files go into
    no other. `on_stored_file` gets the id of each stored document.
    """

    library = "$/clasio/UploadTray"
    tag = "UploadTray"
    organization: rx.Var[str]
    on_stored_file: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class _Words(_Browser):
    library = "$/clasio/Words"


class When(_Words):
    """A moment (ISO 8601, UTC), relative, with the exact time in the viewer's zone on hover."""

    tag = "When"
    at: rx.Var[str]


class Day(_Words):
    """A calendar day (ISO 8601)."""

    tag = "Day"
    on: rx.Var[str]


class DayHeading(_Words):
    """Names the viewer's day of `at`, unless the moment `before` it is of the same day."""

    tag = "DayHeading"
    at: rx.Var[str]
    before: rx.Var[str]


class Size(_Words):
    """A file's size; the exact number of bytes on hover."""

    tag = "Size"
    bytes: rx.Var[int]


class _Floating(_Browser):
    library = "$/clasio/Floating"


class Menu(_Floating):
    """The first child is what the button shows, the others are the panel. `side` says where the panel hangs."""

    tag = "Menu"
    label: rx.Var[str]
    side: rx.Var[str]
    button_class: rx.Var[str]


class Dialog(_Floating):
    tag = "Dialog"
    is_open: rx.Var[bool]
    title: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Notice(_Floating):
    tag = "Notice"
    tone: rx.Var[str]
    text: rx.Var[str]
    on_dismiss: rx.EventHandler[rx.event.no_args_event_spec]


class _Forms(_Browser):
    library = "$/clasio/Forms"


class PostedForm(_Forms):
    """A form for plain HTTP that shows the answer's errors at their fields.

    With `is_beside` there is another one on the page, which shows what the address says was wrong.
    """

    tag = "PostedForm"
    action: rx.Var[str]
    submit_label: rx.Var[str]
    busy_label: rx.Var[str]
    sentences: rx.Var[dict[str, str]]
    carried: rx.Var[list[str]]
    is_beside: rx.Var[bool]


class PostedField(_Forms):
    tag = "PostedField"
    name: rx.Var[str]
    label: rx.Var[str]
    hint: rx.Var[str]
    type: rx.Var[str]
    auto_complete: rx.Var[str]
    auto_focus: rx.Var[bool]
    min_length: rx.Var[int]


class FieldError(_Forms):
    """What is wrong with the field whose id is `field`; `error_id` is what the field names as its description."""

    tag = "FieldError"
    error_id: rx.Var[str]
    field: rx.Var[str]
    text: rx.Var[str]


class EditBox(_Forms):
    """One value being edited; `on_save` gets `{"value": …}`. `kind` is `text`, `long`, `date` or `choice`."""

    tag = "EditBox"
    label: rx.Var[str]
    value: rx.Var[str]
    kind: rx.Var[str]
    options: rx.Var[list[str]]
    error: rx.Var[str]
    on_save: rx.EventHandler[rx.event.passthrough_event_spec(dict[str, str])]
    on_cancel: rx.EventHandler[rx.event.no_args_event_spec]


class CopyField(_Forms):
    """A text to take along: read-only, with a button that copies it."""

    tag = "CopyField"
    label: rx.Var[str]
    value: rx.Var[str]


class CodeList(_Forms):
    """Codes to keep, with buttons that copy all of them or save them as the file `file_name`."""

    tag = "CodeList"
    codes: rx.Var[list[str]]
    file_name: rx.Var[str]


class _Lists(_Browser):
    library = "$/clasio/Lists"


class RowKeys(_Lists):
    """Lets the keyboard walk through the rows inside: elements with `data-row` that hold a link with `data-open`."""

    tag = "RowKeys"


class Thumb(_Lists):
    """A small picture over its children, which are shown until it comes, or where there is none."""

    tag = "Thumb"
    url: rx.Var[str]
    is_large: rx.Var[bool]


class Check(_Lists):
    tag = "Check"
    label: rx.Var[str]
    is_checked: rx.Var[bool]
    is_mixed: rx.Var[bool]
    on_toggle: rx.EventHandler[rx.event.no_args_event_spec]


class _Charts(_Browser):
    library = "$/clasio/Charts"


class DayBars(_Charts):
    """Documents and analyses per day. `end_label` stands under the last day; without it, the day itself does."""

    tag = "DayBars"
    days: rx.Var[list[Any]]
    label: rx.Var[str]
    end_label: rx.Var[str]


class MeterBar(_Charts):
    """How much of a limit is used, in percent, with the forecast and `lines` at certain percents."""

    tag = "MeterBar"
    percent: rx.Var[int]
    forecast: rx.Var[int]
    lines: rx.Var[list[int]]
    tone: rx.Var[str]
    label: rx.Var[str]


class Viewer(_Browser):
    """A document as its pages, `total` of them, which are at `url`. `query` is marked, `first` is where it begins."""

    library = "$/clasio/Viewer"
    tag = "Viewer"
    url: rx.Var[str]
    name: rx.Var[str]
    query: rx.Var[str]
    first: rx.Var[int]
    total: rx.Var[int]


class Crash(_Browser):
    """Shown in place of a page whose own code failed."""

    library = "$/clasio/Crash"
    tag = "Crash"
