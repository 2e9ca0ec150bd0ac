"""The page of somebody whose organization requires a second factor, and the redirects that lead there."""

import pyotp

from clasio_ui.state.second_factor import SecondFactorState
from tests.cast import Actor
from tests.servers import Servers
from tests.ui.pages import opened, run


def test_a_redirect_that_comes_late_undoes_no_step(owner: Actor) -> None:
    page = opened(SecondFactorState, owner, "/second-factor")
    run(page, "load_demand", {})
    assert page.get_value("asking") == "password"
    run(page, "begin", {"form": {"password": owner.password}})
    secret = page.get_value("secret")
    run(page, "load_demand", {})
    assert (page.get_value("asking"), page.get_value("secret")) == ("code", secret)
    run(page, "confirm", {"form": {"code": pyotp.TOTP(secret).now()}})
    run(page, "load_demand", {})
    assert (page.get_value("asking"), page.get_value("codes")) == ("", [])  # shown once


def test_a_set_up_that_is_over_begins_again(owner: Actor, servers: Servers) -> None:
    page = opened(SecondFactorState, owner, "/second-factor")
    run(page, "load_demand", {})
    run(page, "begin", {"form": {"password": owner.password}})
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE second_factors SET created_at = now() - interval '2 hours' WHERE user_id = %s", [owner.user_id]
        )
    run(page, "confirm", {"form": {"code": pyotp.TOTP(page.get_value("secret")).now()}})
    assert page.get_value("asking") == "password"
    assert "Begin again" in page.get_value("password_error")
