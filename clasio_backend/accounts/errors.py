from clasio_backend.core.errors import ClasioError, Conflict, NotFound, ValidationFailed


class WrongCredentials(ClasioError):
    """The same for an unknown address and a wrong password."""

    code = "wrong_credentials"
    status = 401

    def __init__(self) -> None:
        super().__init__("E-mail address and password do not match. Check both and try again.")


class WrongPassword(ValidationFailed):
    """The password that is asked for again before what cannot be undone."""

    code = "wrong_password"

    def __init__(self) -> None:
        message = "This is not your password. Check it and try again."
        super().__init__(message, {"password": message})


class WrongCode(ValidationFailed):
    """Of an authenticator app, or a recovery code: wrong, too old and used before are the same answer."""

    code = "wrong_code"

    def __init__(self) -> None:
        message = "This code is wrong, or was used already. Type the one that the app shows next."
        super().__init__(message, {"code": message})


class SignInAgain(ClasioError):
    """The time for the code is over, or this sign-in was finished in another tab."""

    code = "sign_in_again"
    status = 401

    def __init__(self) -> None:
        super().__init__("This sign-in is over: it works once, for five minutes. Sign in again.")


class SecondFactorIsOn(Conflict):
    code = "second_factor_is_on"

    def __init__(self) -> None:
        super().__init__("Two-factor sign-in is on already. Turn it off first to set up another app.")


class SecondFactorIsOff(Conflict):
    code = "second_factor_is_off"

    def __init__(self) -> None:
        super().__init__("Two-factor sign-in is not on. Set it up first.")


class SetUpOver(Conflict):
    """Confirmed too late, or never begun."""

    code = "set_up_over"

    def __init__(self) -> None:
        super().__init__("This set-up is over: it can be finished for an hour. Begin again.")


class LinkNotFound(NotFound):
    """Unknown, used and expired links are the same answer."""

    code = "link_not_found"

    def __init__(self) -> None:
        super().__init__()
        self.message = "This link does not work any more. Ask the person who runs Clasio for a new one."


class MailedLinkNotFound(LinkNotFound):
    """The same of a link that somebody can ask for again by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.message = "This link does not work any more. Ask for a new one."


class EmailTaken(ValidationFailed):
    code = "email_taken"

    def __init__(self) -> None:
        super().__init__(
            "A person with this e-mail address exists already.", {"email": "This address belongs to somebody else."}
        )


class CannotEnter(ClasioError):
    """Signed in, and something is missing before there is an organization to act in."""

    status = 403


class SecondFactorWanted(CannotEnter):
    """The organization requires two-factor sign-in, and the person has not turned it on."""

    code = "second_factor_wanted"

    def __init__(self, organization: str) -> None:
        super().__init__(f"{organization} requires two-factor sign-in. Set it up to go on.")


class NoOrganization(CannotEnter):
    """Signed in, but not (or no longer) a member of any organization."""

    code = "no_organization"

    def __init__(self) -> None:
        super().__init__("You are not a member of any organization. Ask an owner to invite you.")


class OtherOrganization(Conflict):
    """The page was made in another organization than the session looks at now."""

    code = "other_organization"

    def __init__(self) -> None:
        super().__init__("You have switched to another organization since. Switch back, then try again.")
