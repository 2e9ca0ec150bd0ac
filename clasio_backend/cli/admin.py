"""`./clasio admin …`: what operators and scripts do without a page. Every command prints JSON."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.accounts.schemas import NewToken
from clasio_backend.accounts.service import create_api_token
from clasio_backend.cli.instance import Instance
from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound, ValidationFailed
from clasio_backend.core.scope import Role, new_request_id, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations import service, setup
from clasio_backend.usage.plans import PLANS

Data = Annotated[Path | None, typer.Option(help="Folder of this instance's data.")]
admin_app = typer.Typer(help="Organizations, tokens and plans.", no_args_is_help=True)


def create_organization(name: str, owner_email: str, plan: str | None) -> dict[str, str | None]:
    """A new organization; its owner is the person with this address, made when missing."""
    _check_plan(plan)
    known = gateway.find_user(owner_email)
    user_id = known or setup.create_person(
        owner_email, owner_email.partition("@")[0], is_operator=not gateway.has_users()
    )
    scope = service.founding_scope(user_id, new_request_id())
    with unit_of_work(scope) as uow:
        organization_id = service.found_organization(uow, name, plan=plan)
    link = None if known else setup.set_password_link(user_id)
    return {
        "organization_id": str(organization_id),
        "user_id": str(user_id),
        "sign_in_url": link or setup.sign_in_url(),
    }


def create_token(organization_id: UUID, email: str) -> dict[str, str]:
    """An API token of a member, found by e-mail address."""
    user_id = gateway.find_user(email)
    with unit_of_work(system_scope(organization_id, "command line")) as uow:
        people = {person.id: person for person in service.list_people(uow)}
    if user_id not in people:
        raise NotFound("member")
    scope = scope_of_member(organization_id, user_id, Role(people[user_id].role), new_request_id())
    with unit_of_work(scope) as uow:
        return {"token": create_api_token(uow, NewToken(name="Command line")).token}


def set_plan(organization_id: UUID, plan: str) -> dict[str, str]:
    _check_plan(plan)
    with unit_of_work(system_scope(organization_id, "command line")) as uow:
        service.set_plan(uow, plan)
    return {"organization_id": str(organization_id), "plan": plan}


def _check_plan(plan: str | None) -> None:
    if plan is not None and plan not in PLANS:
        raise ValidationFailed(f"There is no plan {plan}. Choose one of: {', '.join(PLANS)}.", {"plan": "unknown"})


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
    organization: Annotated[UUID, typer.Option()], email: Annotated[str, typer.Option()], data: Data = None
) -> None:
    """Create an API token of that member; prints token."""
    Instance(data).apply()
    _print(create_token(organization, email))


@admin_app.command("set-plan")
def _set_plan(
    organization: Annotated[UUID, typer.Option()], plan: Annotated[str, typer.Option()], data: Data = None
) -> None:
    """Put an organization on another plan."""
    Instance(data).apply()
    _print(set_plan(organization, plan))


def _print(answer: dict[str, str | None] | dict[str, str]) -> None:
    print(json.dumps(answer))
