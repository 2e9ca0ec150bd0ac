"""Leaving, in a real browser: the organization and the account, each asked for, called off, and carried out."""

import json
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page
from tests.running import PASSWORD, ROOT, RunningClasio, own_environment

pytestmark = pytest.mark.browser
NAME = "Birch & Sons"
EMAIL = "bea@birch.example"
CARRY_OUT = """
import sys
from pathlib import Path
from clasio_backend.cli.instance import Instance
Instance(Path(sys.argv[1])).apply()
from clasio_backend.leaving.due import carry_out_due
carry_out_due()
"""


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=own_environment(), capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def birch(clasio: RunningClasio, page: Page) -> Any:
    """An organization of this test's own, and the page of its owner, who has just chosen a password."""
    command = ["-m", "clasio_backend.cli", "admin", "create-organization", "--data", str(clasio.data)]
    made = json.loads(run(*command, "--name", NAME, "--owner-email", EMAIL))
    page.goto(made["sign_in_url"])
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url(f"{clasio.url}/")
    return made


def let_a_week_pass(clasio: RunningClasio, organization_id: str) -> None:
    """Moves the date of this one organization, and does what the schedule would do within the hour."""
    settings = json.loads((clasio.data / "settings.json").read_text())
    with psycopg.connect(settings["DATABASE_OWNER_URL"]) as connection:
        connection.execute("UPDATE organizations SET deletion_due_at = now() WHERE id = %s", [organization_id])
    run("-c", CARRY_OUT, str(clasio.data))


def ask_for_organization(page: Page, name: str = NAME) -> None:
    page.get_by_role("button", name="Delete the organization").click()
    dialog = page.get_by_role("dialog", name=f"Delete {NAME}")
    dialog.get_by_label(f"Type {NAME} to confirm").fill(name)
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete the organization").click()


def test_an_owner_deletes_the_organization_and_keeps_it_and_the_account_too(
    clasio: RunningClasio, birch: Any, page: Page, browser: Browser
) -> None:
    banner = page.get_by_role("region", name="Deletion")
    page.goto(f"{clasio.url}/settings")
    ask_for_organization(page, "Birch")
    expect(page.get_by_text("This is not the organization's name")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    with quiet_page(browser, storage_state=page.context.storage_state()) as elsewhere:
        elsewhere.goto(f"{clasio.url}/documents")
        expect(elsewhere.get_by_text(NAME).first).to_be_visible()
        ask_for_organization(page)
        expect(banner).to_contain_text(f"{NAME} will be deleted on")
        theirs = elsewhere.get_by_role("region", name="Deletion")
        expect(theirs).to_contain_text(f"{NAME} will be deleted on")  # came in live
        theirs.get_by_role("button", name="Keep the organization").click()
        expect(theirs).to_have_count(0)
        expect(banner).to_have_count(0)

    page.get_by_role("button", name="Delete my account").click()
    dialog = page.get_by_role("dialog", name="Delete your account")
    expect(dialog).to_contain_text(NAME)
    expect(dialog).to_contain_text("Nobody else is in it, so it is deleted with your account")
    dialog.get_by_label("Your password").fill("not this one")
    dialog.get_by_role("button", name="Delete my account").click()
    expect(dialog.get_by_text("This is not your password")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete my account").click()
    expect(banner).to_contain_text("Your account will be deleted on")
    banner.get_by_role("button", name="Keep my account").click()
    expect(banner).to_have_count(0)

    ask_for_organization(page)
    expect(banner).to_be_visible()
    let_a_week_pass(clasio, birch["organization_id"])
    page.wait_for_url(f"{clasio.url}/no-organization", timeout=20_000)  # the open page leaves by itself
    page.get_by_role("button", name="Delete my account").click()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account will be deleted on")).to_be_visible()
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_role("button", name="Delete my account")).to_be_visible()
