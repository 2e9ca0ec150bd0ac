from datetime import datetime

from clasio_backend.core.errors import Conflict, ValidationFailed


class LastOwner(Conflict):
    code = "last_owner"

    def __init__(self) -> None:
        super().__init__(
            "An organization always has an active owner. Make somebody else an owner first, or delete the organization "
            "on the page Settings."
        )


class OwnFactorFirst(ValidationFailed):
    """Who requires a second factor of others would lock themselves out without one."""

    code = "own_factor_first"

    def __init__(self) -> None:
        message = "Turn two-factor sign-in on for yourself first."
        super().__init__(message, {"requires_second_factor": message})


class OrganizationClosing(Conflict):
    """While an organization waits for its deletion nothing new comes in and nothing is opened to others."""

    code = "organization_closing"

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            f"This organization is deleted on {due_at.day} {due_at:%B %Y}, so uploads, shares and invites have "
            "stopped. An owner can keep the organization on the page Settings."
        )


class AlreadyMember(Conflict):
    code = "already_member"

    def __init__(self) -> None:
        super().__init__("A person with this e-mail address is a member already.")


class AlreadyInvited(Conflict):
    code = "already_invited"

    def __init__(self) -> None:
        super().__init__("This address has been invited already. Send that invite again, or withdraw it.")


class TooManyInvites(Conflict):
    code = "too_many_invites"

    def __init__(self) -> None:
        super().__init__("There are many open invites already. Withdraw some before you send more.")


class InviteForSomebodyElse(Conflict):
    code = "invite_for_somebody_else"

    def __init__(self, email: str) -> None:
        super().__init__(f"This invite is for {email}. Sign out, then open the link again.")


class CategoryTaken(Conflict):
    code = "category_taken"

    def __init__(self, name: str, *, is_archived: bool) -> None:
        way = "Restore the archived one, or choose another name." if is_archived else "Choose another name."
        super().__init__(f"There is a category “{name}” already. {way}")


class TooManyCategories(Conflict):
    code = "too_many_categories"

    def __init__(self, most: int) -> None:
        super().__init__(f"An organization has {most} categories at most. Merge some before you add more.")


class CategoryIsMerging(Conflict):
    code = "category_is_merging"

    def __init__(self, name: str) -> None:
        super().__init__(f"The category “{name}” is being merged. Try again when that is done.")


class CannotMerge(ValidationFailed):
    code = "cannot_merge"

    def __init__(self, message: str) -> None:
        super().__init__(message, {"into": message})


class NameMissing(ValidationFailed):
    code = "name_missing"

    def __init__(self) -> None:
        message = "Say your name, so that your colleagues know who you are."
        super().__init__(message, {"name": message})
