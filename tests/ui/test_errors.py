"""What a page does with an error that its handler did not show itself."""

import pytest

from clasio_backend.accounts.errors import NoOrganization, SecondFactorWanted
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_ui.routes import NO_ORGANIZATION, SECOND_FACTOR, SIGN_IN
from clasio_ui.state.frame import FrameState, on_error


@pytest.mark.parametrize(
    ("error", "path"),
    [(NotSignedIn(), SIGN_IN), (NoOrganization(), NO_ORGANIZATION), (SecondFactorWanted("Acme"), SECOND_FACTOR)],
)
def test_who_has_no_place_here_is_led_elsewhere(error: Exception, path: str) -> None:
    sent = {str(name): str(value) for name, value in on_error(error).args}
    assert sent["path"] == f'"{path}"'


@pytest.mark.parametrize("error", [NotFound("document"), ZeroDivisionError()])
def test_other_errors_are_said_in_a_notice_that_stays(error: Exception) -> None:
    said = on_error(error)
    assert said.handler == FrameState.event_handlers["notify"]
    assert "ZeroDivision" not in str(said)
