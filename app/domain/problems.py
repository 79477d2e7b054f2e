"""Errors that a user can act on: a stable code, an HTTP status and a sentence that says what to do."""

from typing import Any


class Problem(Exception):
    """What went wrong, told to the user. `code` is stable; `detail` says what to do; `extra` goes out as JSON."""

    code = "problem"
    status = 400

    def __init__(self, detail: str, *, code: str | None = None, status: int | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.extra = extra


INVALID_CURSOR = "The cursor is none of ours; use next_cursor of the page before."


class InvalidArguments(Problem):
    """Arguments that the command cannot use; `extra["missing"]` names required ones that are not there."""

    code = "invalid_arguments"
    status = 422


class AccountNotFound(Problem):
    """No such account among those the caller may see: absent and forbidden are told apart to nobody."""

    code = "account_not_found"
    status = 404


class NotFound(Problem):
    """No such thing among those the caller may see."""

    code = "not_found"
    status = 404


class Forbidden(Problem):
    """The caller's role does not allow it."""

    code = "forbidden"
    status = 403


class Conflict(Problem):
    """Something else is in the way right now."""

    code = "conflict"
    status = 409
