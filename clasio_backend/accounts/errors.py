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


class NoPassword(ValidationFailed):
    """Asked for their password, of somebody who has none and did not sign in a moment ago either."""

    code = "no_password"

    def __init__(self) -> None:
        message = (
            "Your account has no password, so show first that it is you: sign out and in again, or use “Sign in again” "
            "under Connected accounts in the settings. Then you have ten minutes for this."
        )
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


class SignInOver(ClasioError):
    """What came back from a provider was not begun in this browser, came twice, or came too late."""

    code = "sign_in_over"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            "This sign-in is over: it works once, for ten minutes, in the browser that began it. Try again."
        )


class SignInDeclined(ClasioError):
    """The person, or the provider, did not go through with it."""

    code = "sign_in_declined"
    status = 401

    def __init__(self) -> None:
        super().__init__("The other service did not sign you in. Try again, or use your password.")


class AddressNotVerified(ClasioError):
    code = "address_not_verified"
    status = 403

    def __init__(self) -> None:
        super().__init__("The other service has not confirmed your e-mail address. Confirm it there, and try again.")


class AccountExists(Conflict):
    """Somebody has this address here: the account is theirs until they show that they know its password."""

    code = "account_exists"

    def __init__(self) -> None:
        super().__init__(
            "An account with this address exists already. Sign in with its password now, and the two are connected."
        )


class NoAccount(ClasioError):
    code = "no_account"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "There is no account for this address. Ask an owner to invite you, then open the link they send."
        )


class IdentityTaken(Conflict):
    code = "identity_taken"

    def __init__(self) -> None:
        super().__init__("This is connected to another account of Clasio. Disconnect it there first.")


class OtherIdentity(Conflict):
    """Asked to sign in again, somebody came back as somebody else."""

    code = "other_identity"

    def __init__(self) -> None:
        super().__init__("This is not the one that is connected to your account. Choose that one.")


class AddressToConfirm(Conflict):
    """Or somebody could make an account with another's address and keep a way into it."""

    code = "address_to_confirm"

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first: it is not the one that the other service knows.")


class LastWayIn(Conflict):
    code = "last_way_in"

    def __init__(self) -> None:
        super().__init__("This is your only way to sign in. Choose a password first, then disconnect it.")


class TooManyIdentities(Conflict):
    code = "too_many_identities"

    def __init__(self) -> None:
        super().__init__("Ten accounts are connected, which is the most. Disconnect one first.")
