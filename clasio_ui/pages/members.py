import reflex as rx

from clasio_ui import routes
from clasio_ui.components.basics import badge, button, card, icon_button, initial
from clasio_ui.components.browser import CopyField, Dialog, RowKeys, When
from clasio_ui.components.facts import lines_skeleton
from clasio_ui.components.forms import choice_field, form_actions, text_field
from clasio_ui.components.lists import select
from clasio_ui.components.screens import switch
from clasio_ui.layout import screen
from clasio_ui.state.members import MembersState

SKELETON_LINES = 4
ROLES = (("member", "Member"), ("owner", "Owner"))


@screen(routes.MEMBERS, "Members", on_load=[MembersState.load, MembersState.watch])
def members() -> rx.Component:
    """People and invites in one list."""
    return rx.fragment(
        switch(
            rx.el.div(_people(), rx.cond(MembersState.invites.length() > 0, _invites()), class_name="stack"),
            is_loading=MembersState.is_loading,
            skeleton=card(lines_skeleton("Loading members", SKELETON_LINES)),
            error=MembersState.error,
            error_id=MembersState.error_id,
            on_retry=MembersState.load,
        ),
        _invite_dialog(),
        _remove_dialog(),
    )


def _people() -> rx.Component:
    invite = button("Invite", symbol="user-plus", kind="primary", on_click=MembersState.open_invite)
    return card(
        RowKeys.create(rx.el.ul(rx.foreach(MembersState.people, _person), class_name="list")),
        title="People",
        action=rx.cond(MembersState.may_manage, invite),
    )


def _person(person: rx.Var) -> rx.Component:
    may_change = MembersState.may_manage & ~person.is_me
    role = select(
        "Role of " + person.name.to(str),
        rx.fragment(*[rx.el.option(label, value=value) for value, label in ROLES]),
        value=person.role,
        on_change=lambda value: MembersState.set_role(person.id, value),
    )
    return rx.el.li(
        initial(person.name, of_person=True),
        rx.el.div(
            rx.el.p(person.name, rx.cond(person.is_me, rx.el.span(" (you)", class_name="quiet")), class_name="cut"),
            rx.el.p(
                person.email,
                rx.cond(person.last_seen_at != "", rx.fragment(" · last here ", When.create(at=person.last_seen_at))),
                class_name="quiet small cut",
            ),
            class_name="list-text",
        ),
        rx.el.div(
            rx.match(
                person.factor,
                ("on", badge("Two-factor", symbol="shield-check", tone="good")),
                ("off", badge("Password only", symbol="key-round", tone="plain")),
                rx.fragment(),
            ),
            rx.cond(~person.is_active, badge("Switched off", symbol="circle-pause", tone="warn")),
            rx.cond(MembersState.may_manage, role, badge(person.role_label, tone="plain")),
            rx.cond(may_change, _switch(person)),
            rx.cond(may_change | person.is_me, _way_out(person)),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        custom_attrs={"data-row": person.id},
        tab_index=-1,
        key=person.id,
    )


def _switch(person: rx.Var) -> rx.Component:
    return rx.cond(
        person.is_active,
        icon_button(
            "circle-pause", "Switch off the access of " + person.name, on_click=MembersState.switch_access(person.id)
        ),
        icon_button(
            "circle-play", "Switch on the access of " + person.name, on_click=MembersState.switch_access(person.id)
        ),
    )


def _way_out(person: rx.Var) -> rx.Component:
    label = rx.cond(person.is_me, "Leave the organization", "Remove " + person.name.to(str))
    return icon_button("user-x", label, on_click=MembersState.ask_to_remove(person.id))


def _invites() -> rx.Component:
    return card(rx.el.ul(rx.foreach(MembersState.invites, _invite), class_name="list"), title="Invites")


def _invite(invite: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(invite.email, class_name="cut"),
            rx.el.p(
                invite.role_label,
                " · invited by ",
                invite.invited_by,
                ", ",
                When.create(at=invite.sent_at),
                class_name="quiet small cut",
            ),
            class_name="list-text",
        ),
        rx.el.div(
            rx.cond(
                invite.is_expired,
                badge(invite.until, symbol="clock", tone="warn"),
                badge(invite.until, symbol="clock", tone="plain"),
            ),
            icon_button("send", "Send again to " + invite.email, on_click=MembersState.send_again(invite.id)),
            icon_button("x", "Withdraw the invite of " + invite.email, on_click=MembersState.withdraw(invite.id)),
            class_name="line",
        ),
        class_name="list-item list-item-wraps",
        key=invite.id,
    )


def _invite_dialog() -> rx.Component:
    return Dialog.create(
        rx.cond(
            MembersState.is_inviting,
            rx.cond(MembersState.sent_link != "", _sent(), _invite_form()),
        ),
        is_open=MembersState.is_inviting,
        title="Invite somebody",
        on_close=MembersState.close_invite,
    )


def _invite_form() -> rx.Component:
    return rx.el.form(
        text_field(
            "email",
            "E-mail address",
            of="invite",
            error=MembersState.invite_error,
            type="email",
            required=True,
            auto_focus=True,
        ),
        choice_field(
            "role",
            "Role",
            ROLES,
            of="invite",
            hint="Members work with documents. Owners also manage people, plan and settings.",
        ),
        form_actions(MembersState.close_invite, "Send invite"),
        on_submit=MembersState.send_invite,
        class_name="form",
    )


def _sent() -> rx.Component:
    return rx.fragment(
        rx.cond(
            MembersState.is_mailed,
            rx.el.p("The invite is on its way to ", MembersState.sent_to, ". You can also pass the link on yourself."),
            rx.el.p(
                "No mail server is set up, so pass this link on to ",
                MembersState.sent_to,
                " yourself.",
            ),
        ),
        CopyField.create(value=MembersState.sent_link, label="Invite link"),
        rx.el.p("It is shown this once, and works once within 7 days.", class_name="quiet small"),
        rx.el.div(button("Done", kind="primary", on_click=MembersState.close_invite), class_name="dialog-actions"),
    )


def _remove_dialog() -> rx.Component:
    goes = rx.cond(
        MembersState.is_me,
        rx.el.p("You lose access to this organization at once. Your documents stay with it."),
        rx.el.p(
            rx.el.strong(MembersState.leaving_name),
            " loses access at once, on every open page and by API. Their documents stay.",
        ),
    )
    return Dialog.create(
        goes,
        rx.el.div(
            button("Cancel", on_click=MembersState.keep),
            button(rx.cond(MembersState.is_me, "Leave", "Remove"), kind="danger", on_click=MembersState.remove),
            class_name="dialog-actions",
        ),
        is_open=MembersState.leaving_id != "",
        title=rx.cond(MembersState.is_me, "Leave the organization", "Remove this member"),
        on_close=MembersState.keep,
    )
