"""The command line's `cse approvals` and `cse messages`.

They act as the command line, which cannot approve what it requested itself; with a key in the environment variable
CSE_KEY they act as that key.
"""

import os
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel

from app.channels.terminal import AsJson, print_json, with_runtime
from app.domain.problems import InvalidArguments
from app.render.characters import one_line, visible
from app.runtime import Runtime
from app.security.principals import LOCAL, Principal

KEY_VARIABLE = "CSE_KEY"
LISTED = 200

T = TypeVar("T")

approvals_cli = typer.Typer(help="What waits for approval.", no_args_is_help=True)
messages_cli = typer.Typer(help="Messages to customers.", no_args_is_help=True)


def _reading(work: Callable[[Runtime, Principal], Coroutine[Any, Any, T]]) -> T:
    """Look something up as whoever calls."""

    async def run(runtime: Runtime) -> T:
        return await work(runtime, await _caller(runtime))

    return with_runtime(run)


def _doing(work: Callable[[Runtime, Principal], Coroutine[Any, Any, T]]) -> T:
    """Do the work as whoever calls, then deliver what it put into the outbox."""

    async def run(runtime: Runtime) -> T:
        from app.resources import delivery

        done = await work(runtime, await _caller(runtime))
        async with delivery.open_deliverer(runtime) as deliverer:
            await deliverer.deliver_due()
        return done

    return with_runtime(run)


async def _caller(runtime: Runtime) -> Principal:
    from app.resources import keys

    key = os.environ.get(KEY_VARIABLE)
    return await keys.authenticate(runtime, key) if key else LOCAL


@approvals_cli.command("list")
def list_approvals(
    status: Annotated[
        str | None, typer.Option(help="pending, approved, rejected, expired, closed, void, overdue or any")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only what you requested")] = False,
    as_json: AsJson = False,
) -> None:
    """List what waits and is yours to decide, or was requested by you."""
    from typing import get_args

    from app.resources import approvals

    known = {name: name for name in get_args(approvals.Filter)}
    if status is not None and status not in known:
        raise InvalidArguments(f"There is no status {status!r}; say one of {', '.join(known)}.")
    page = _reading(
        lambda runtime, caller: approvals.list_approvals(
            runtime, caller, known[status] if status else None, None, mine=mine, limit=LISTED, cursor=None
        )
    )
    if as_json:
        _print(page)
        return
    for item in page.items:
        late = ", OVERDUE" if item.overdue else ""
        yours = ", yours to decide" if item.may_decide else ""
        due = "review it by" if item.is_review else "until"
        until = f", {due} {item.expires_at:%Y-%m-%d %H:%M} UTC" if item.status == "pending" else ""
        about = f" about {item.account_id}" if item.account_id else ""
        told = f"{item.id}  {item.status}{late}{yours}: {item.title}, for {item.group}{until}"
        words = f": {item.words}" if item.words else ""
        typer.echo(one_line(f"{told}, by {item.requester}{about}{words}"))
    if page.next_cursor:
        typer.echo(f"… the newest {LISTED}; GET /v1/approvals lists all")
    if not page.items:
        typer.echo("Nothing waits for you. What was decided or ended: cse approvals list --status any")


@approvals_cli.command("show")
def show(approval_id: str, as_json: AsJson = False) -> None:
    """Show an approval with exactly what would be sent."""
    from app.resources import approvals

    found = _reading(lambda runtime, caller: approvals.get(runtime, caller, approval_id))
    if as_json:
        _print(found)
        return
    waits = f"for {found.group} or its deputy {found.deputy}, by {found.expires_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(one_line(f"{found.title}: {_status(found)}{f', {waits}' if found.status == 'pending' else ''}"))
    typer.echo(one_line(f"requested by {found.requester}: {found.reason or 'no reason given'}"))
    if found.words:
        typer.echo(one_line(f"because of: {found.words}"))
    for line in found.approvals:
        typer.echo(one_line(f"  {line.id}  {line.status}: {line.kind}, for {line.group}"))
    for figure in found.figures:
        typer.echo(one_line(f"  {figure.label}: {figure.shown} {figure.unit}"))
    typer.echo(f"\n{_quoted(found.content)}\n\nsha256 {found.content_sha256}")
    if found.decided_by:
        typer.echo(one_line(f"{found.status} by {found.decided_by}: {found.decision_reason or 'no reason given'}"))
    if found.next_step:
        typer.echo(one_line(found.next_step))
    if found.may_decide:
        typer.echo(f"To approve exactly this: cse approvals approve {found.id} --sha256 {found.content_sha256}")


@approvals_cli.command("approve")
def approve(
    approval_id: str,
    sha256: Annotated[str, typer.Option("--sha256", help="Of what you have read: cse approvals show tells it")],
    reason: Annotated[str, typer.Option(help="Kept with the decision")] = "",
    as_json: AsJson = False,
) -> None:
    """Approve exactly what you have read."""
    from app.resources import decisions

    _told(_doing(lambda runtime, caller: decisions.approve(runtime, caller, approval_id, sha256, reason)), as_json)


@approvals_cli.command("reject")
def reject(
    approval_id: str,
    reason: Annotated[str, typer.Option(help="The requester reads it")],
    as_json: AsJson = False,
) -> None:
    """Reject it."""
    from app.resources import decisions

    _told(_doing(lambda runtime, caller: decisions.reject(runtime, caller, approval_id, reason)), as_json)


@approvals_cli.command("withdraw")
def withdraw(approval_id: str, as_json: AsJson = False) -> None:
    """Take back what you requested."""
    from app.resources import decisions

    _told(_doing(lambda runtime, caller: decisions.withdraw(runtime, caller, approval_id)), as_json)


@approvals_cli.command("amend")
def amend(
    approval_id: str,
    content: Annotated[str, typer.Argument(help="The new text; - reads stdin")],
    subject: Annotated[str | None, typer.Option(help="The new subject or title")] = None,
    as_json: AsJson = False,
) -> None:
    """Put another text in its place; somebody else than you approves it."""
    from app.resources import decisions

    text = _text(content)
    done = _doing(lambda runtime, caller: decisions.amend(runtime, caller, approval_id, text, subject))
    if as_json:
        _print(done)
        return
    for line in done.approvals:
        typer.echo(one_line(f"{line.id} waits for {line.group}: {line.words}"))
    if done.message:
        typer.echo("Nothing in it needs an approval any more.")
        _told_message(done.message)


@messages_cli.command("list")
def list_messages(as_json: AsJson = False) -> None:
    """List what left, or is to leave; the newest first."""
    from app.render.message import written
    from app.resources import messages

    page = _reading(lambda runtime, caller: messages.list_messages(runtime, caller, None, LISTED, None))
    if as_json:
        _print(page)
        return
    for message in page.items:
        about = message.account_id or "all customers"
        told = f"{message.id}  {message.status.replace('_', ' ')}: to {about}, by {message.requester}"
        subject = written(message.outgoing).splitlines()[0]
        typer.echo(one_line(f"{told}: {subject}{f'; {message.last_error}' if message.last_error else ''}"))
    if page.next_cursor:
        typer.echo(f"… the newest {LISTED}; GET /v1/messages lists all")
    if not page.items:
        typer.echo("Nothing was sent yet.")


@messages_cli.command("show")
def show_message(message_id: str, as_json: AsJson = False) -> None:
    """Show a message as it leaves."""
    from app.render.message import content_of
    from app.resources import messages

    message = _reading(lambda runtime, caller: messages.get(runtime, caller, message_id))
    if as_json:
        _print(message)
        return
    typer.echo(f"{visible(content_of(message.outgoing))}\n\n{message.status.replace('_', ' ')}")
    if message.status == "by_hand":
        typer.echo(f"Send exactly this, then say so: cse messages sent {message.id}")


@messages_cli.command("send")
def send(
    account: Annotated[str, typer.Argument(help="The customer: id, name or alias")],
    body: Annotated[str, typer.Argument(help="The text; - reads stdin")],
    subject: Annotated[str, typer.Option(help="The subject")],
    reason: Annotated[str, typer.Option(help="For who approves it, where it needs that")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a message; where it commits us it waits for approval."""
    from app.resources import messages

    text = _text(body)
    _told_of(_doing(lambda runtime, caller: messages.send(runtime, caller, account, subject, text, reason)), as_json)


@messages_cli.command("draft")
def send_draft(
    turn_id: Annotated[str, typer.Argument(help="A turn of yours")],
    number: Annotated[int, typer.Argument(min=1, help="Which of its drafts for a customer")] = 1,
    reason: Annotated[str, typer.Option(help="For who approves it, where it needs that")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a draft of an answer exactly as it stands there."""
    from app.resources import messages

    _told_of(_doing(lambda runtime, caller: messages.send_draft(runtime, caller, turn_id, number, reason)), as_json)


@messages_cli.command("template")
def send_template(
    account: Annotated[str, typer.Argument(help="The customer: id, name or alias")],
    template: Annotated[str, typer.Argument(help="An approved template, such as sev1_first")],
    escalation: Annotated[str, typer.Option(help="The open SEV1 that it is about")],
    value: Annotated[list[str] | None, typer.Option(help='A value, such as part="orders API"; once for each')] = None,
    as_json: AsJson = False,
) -> None:
    """Send an approved template while a SEV1 is open, at once; it is reviewed afterwards."""
    from app.resources import messages

    values = dict(each.partition("=")[::2] for each in value or [])
    _told_of(
        _doing(lambda runtime, caller: messages.send_template(runtime, caller, account, template, values, escalation)),
        as_json,
    )


@messages_cli.command("sent")
def say_sent(message_id: str, as_json: AsJson = False) -> None:
    """Say that you have sent by hand exactly what stands there."""
    from app.resources import messages

    message = _doing(lambda runtime, caller: messages.say_sent(runtime, caller, message_id))
    if as_json:
        _print(message)
        return
    typer.echo(f"{message.id} is sent.")


def _told_of(done: Any, as_json: bool) -> None:
    if as_json:
        _print(done)
        return
    if done.message:
        typer.echo("Nothing has to be approved before.")
        _told_message(done.message)
        for line in done.approvals:
            typer.echo(f"Afterwards {line.group} reviews it: {line.id}")
        return
    for line in done.approvals:
        because = f", because of: {line.words}" if line.words else ""
        typer.echo(one_line(f"{line.id} waits for {line.group}{because}"))
    typer.echo("Do not send it before. What comes of it: cse approvals show ID")


def _told_message(message: Any) -> None:
    """What becomes of a message, and what its sender does."""
    if message.status == "by_hand":
        typer.echo(f"Send it yourself, exactly as cse messages show {message.id} has it.")
        typer.echo(f"Then say so: cse messages sent {message.id}")
    else:
        typer.echo(f"{message.id} goes out.")


def _status(found: Any) -> str:
    """What became of it in a word: closed and void do not say how."""
    return str(found.proposal_status if found.status in ("closed", "void") else found.status)


def _told(found: Any, as_json: bool) -> None:
    if as_json:
        _print(found)
        return
    rest = [line for line in found.approvals if line.status == "pending"]
    typer.echo(f"{found.id} is {_status(found)}.{f' {len(rest)} more to go.' if rest else ''}")
    if found.next_step:
        typer.echo(one_line(found.next_step))


def _print(model: BaseModel) -> None:
    print_json(model.model_dump(mode="json"))


def _quoted(content: str) -> str:
    """The content with a mark before each line: none of it can be taken for a word of ours, such as what to type."""
    return "\n".join(f"| {line}" for line in visible(content).split("\n"))


def _text(given: str) -> str:
    return sys.stdin.read() if given == "-" else given
