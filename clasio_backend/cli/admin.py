"""`./clasio admin …`: what operators and scripts do without a page. Every command prints JSON."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.accounts.reset import reset_link
from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.second_factor import remove_lost
from clasio_backend.accounts.service import create_api_token
from clasio_backend.cli.instance import Instance
from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Role, TokenScope, new_request_id, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.ops import data_keys, rescans, tokens
from clasio_backend.ops.access import command_line
from clasio_backend.ops.schemas import NewRescan
from clasio_backend.organizations import service, setup
from clasio_backend.organizations.members import list_people
from clasio_backend.usage.service import check_plan, reconcile_all
from clasio_backend.usage.service import set_plan as change_plan

Data = Annotated[Path | None, typer.Option(help="Folder of this instance's data.")]
admin_app = typer.Typer(help="Organizations, tokens and plans.", no_args_is_help=True)


def create_organization(name: str, owner_email: str, plan: str | None) -> dict[str, str | None]:
    """A new organization; its owner is the person with this address, made when missing."""
    if plan is not None:
        check_plan(plan)
    user_id = gateway.find_user(owner_email) or setup.create_person(
        owner_email, owner_email.partition("@")[0], is_operator=not gateway.has_users()
    )
    scope = service.founding_scope(user_id, new_request_id())
    with unit_of_work(scope) as uow:
        organization_id = service.found_organization(uow, name, plan=plan)
    return {
        "organization_id": str(organization_id),
        "user_id": str(user_id),
        "sign_in_url": setup.way_in(user_id),
    }


def create_token(
    organization_id: UUID,
    email: str,
    token_scope: TokenScope = TokenScope.EVERYTHING,
    expires_in_days: int | None = None,
) -> dict[str, str]:
    """An API token of a member, found by e-mail address."""
    user_id = gateway.find_user(email)
    with unit_of_work(system_scope(organization_id, "command line")) as uow:
        people = {person.id: person for person in list_people(uow) if person.is_active}
    if user_id not in people:
        raise NotFound("member")
    scope = scope_of_member(organization_id, user_id, Role(people[user_id].role), new_request_id())
    with unit_of_work(scope) as uow:
        wanted = NewToken(name="Command line", scope=token_scope, expires_in_days=expires_in_days)
        return {"token": create_api_token(uow, wanted).token}


def set_plan(organization_id: UUID, plan: str) -> dict[str, str]:
    """Puts an organization on another plan; raises `NotFound` and `ValidationFailed`."""
    with unit_of_work(system_scope(organization_id, "command line")) as uow:
        before = change_plan(uow, plan)
    return {"organization_id": str(organization_id), "plan": plan, "plan_before": before}


def remove_second_factor(email: str) -> dict[str, str]:
    """Lets somebody who lost app and recovery codes sign in by password; raises `NotFound` when nothing is on."""
    user_id = gateway.find_user(email)
    if user_id is None or not remove_lost(user_id):
        raise NotFound("second factor")
    return {"user_id": str(user_id)}


def reset_password_link(email: str) -> dict[str, str]:
    """A link for somebody who forgot the password and gets no mail; raises `NotFound`."""
    user_id = gateway.find_user(email)
    if user_id is None:
        raise NotFound("person")
    return {"user_id": str(user_id), "link": reset_link(user_id)}


@admin_app.command("create-organization")
def _create_organization(
    name: Annotated[str, typer.Option()],
    owner_email: Annotated[str, typer.Option()],
    plan: Annotated[str | None, typer.Option()] = None,
    data: Data = None,
) -> None:
    """Create an organization and its owner; prints organization_id, user_id and sign_in_url."""
    Instance(data).apply()
    _print(create_organization(name, owner_email, plan))


@admin_app.command("create-token")
def _create_token(
    organization: Annotated[UUID, typer.Option()],
    email: Annotated[str, typer.Option()],
    scope: Annotated[TokenScope, typer.Option(help="What it is for.")] = TokenScope.EVERYTHING,
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=3650, help="Without it, it has no end.")] = None,
    data: Data = None,
) -> None:
    """Create an API token of that member; prints token."""
    Instance(data).apply()
    _print(create_token(organization, email, scope, expires_in_days))


@admin_app.command("create-operator-token")
def _create_operator_token(data: Data = None) -> None:
    """Create a token for the Ops API; prints token. It opens no organization."""
    Instance(data).apply()
    _print({"token": tokens.create_operator_token(command_line())})


@admin_app.command("list-operator-tokens")
def _list_operator_tokens(data: Data = None) -> None:
    """Print the operator tokens that work: id, hint (the end of the token), created_at, last_used_at."""
    Instance(data).apply()
    print(json.dumps([asdict(row) for row in tokens.list_operator_tokens(command_line())], default=str))


@admin_app.command("revoke-operator-token")
def _revoke_operator_token(token_id: Annotated[UUID, typer.Option("--id")], data: Data = None) -> None:
    """End an operator token at once; prints id."""
    Instance(data).apply()
    tokens.revoke_operator_token(command_line(), token_id)
    _print({"id": str(token_id)})


@admin_app.command("remove-second-factor")
def _remove_second_factor(email: Annotated[str, typer.Option()], data: Data = None) -> None:
    """Turn two-factor sign-in off for a person who has lost app and recovery codes; prints user_id.

    Make sure who asks: whoever knows the password comes in then. The person gets a mail.
    """
    Instance(data).apply()
    _print(remove_second_factor(email))


@admin_app.command("reset-password-link")
def _reset_password_link(email: Annotated[str, typer.Option()], data: Data = None) -> None:
    """Make a link with which a person chooses a new password; prints user_id and link. It works once, for an hour.

    Make sure who asks: whoever has the link comes in, past everything but a second factor.
    """
    Instance(data).apply()
    _print(reset_password_link(email))


@admin_app.command("set-plan")
def _set_plan(
    organization: Annotated[UUID, typer.Option()], plan: Annotated[str, typer.Option()], data: Data = None
) -> None:
    """Put an organization on another plan; prints organization_id, plan and plan_before."""
    Instance(data).apply()
    _print(set_plan(organization, plan))


@admin_app.command("new-data-key")
def _new_data_key(organization: Annotated[UUID, typer.Option()], data: Data = None) -> None:
    """Encrypt an organization's files under a new key of its own; prints key_id and job_id.

    New files at once, the others in the background; the former key is destroyed when nothing is left under it.
    """
    Instance(data).apply()
    print(json.dumps(asdict(data_keys.make_data_key(command_line(), organization)), default=str))


@admin_app.command("rescan")
def _rescan(
    organization: Annotated[UUID | None, typer.Option(help="Of one organization; without it, of all.")] = None,
    only_not_scanned: Annotated[
        bool, typer.Option("--only-not-scanned", help="Leaves out what an older database found clean.")
    ] = False,
    data: Data = None,
) -> None:
    """Scan again what is open: files from before the scanner was on, and those an older database found clean.

    Prints in how many organizations. Workers do it in the background; Ops shows how far they are.
    """
    Instance(data).apply()
    wanted = NewRescan(organization_id=organization, only_not_scanned=only_not_scanned)
    print(json.dumps(asdict(rescans.start_rescan(command_line(), wanted))))


@admin_app.command("reconcile")
def _reconcile(data: Data = None) -> None:
    """Rebuild the usage counters from the rows; prints what was wrong, by organization and meter."""
    Instance(data).apply()
    print(
        json.dumps(
            {
                str(organization_id): {meter: {"was": was, "is": now} for meter, (was, now) in wrong.items()}
                for organization_id, wrong in reconcile_all().items()
            }
        )
    )


def _print(answer: dict[str, str | None] | dict[str, str]) -> None:
    print(json.dumps(answer))
