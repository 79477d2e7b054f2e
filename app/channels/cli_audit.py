"""`cse audit`: the audit log on the command line."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated

import typer

from app.channels.terminal import AsJson, print_json, with_runtime
from app.render.characters import one_line
from app.security.principals import LOCAL

if TYPE_CHECKING:
    from app.resources.audit import Verified

audit_cli = typer.Typer(help="The audit log: who did what, when.", no_args_is_help=True)


@audit_cli.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Say whether the log is as it was written, and where it is not. Exit code 1 where it is not."""
    from app.resources import audit

    found = with_runtime(lambda runtime: audit.verify(runtime, LOCAL))
    if as_json:
        print_json(found.model_dump())
    else:
        for line in _told(found):
            typer.echo(one_line(line))
    if not found.is_whole:
        raise typer.Exit(1)


def _told(found: "Verified") -> list[str]:
    lines = [line for finding in found.findings for line in (f"✗ {finding.detail}", f"  → {finding.mend}")]
    if found.further:
        lines.append(f"… and {found.further:,} more.")
    reach = f", {found.first} to {found.last}" if found.first else ""
    whole = "The chain is whole, and its end is where the anchor says." if found.is_whole else "The log is not whole."
    return [*lines, *found.notes, f"{found.events:,} events{reach}. {whole}"]


@audit_cli.command("list")
def list_events(
    account: Annotated[str | None, typer.Option(help="Only about this account id")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, such as key.created, or all of key")] = None,
    since: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List events, the newest first."""
    from app.resources import audit

    first = since.date() if since else None
    page = with_runtime(
        lambda runtime: audit.list_events(runtime, LOCAL, account=account, action=action, first=first, limit=limit)
    )
    if as_json:
        print_json([event.model_dump(mode="json") for event in page.items])
        return
    for event in page.items:
        about = " ".join(part for part in (event.account_id, event.subject or event.turn_id) if part)
        details = "details erased" if event.details is None else json.dumps(event.details, ensure_ascii=False)
        line = f"{event.seq:>6}  {event.at:%Y-%m-%d %H:%M:%S}  {event.action:<20} {event.actor}  {about}  {details}"
        typer.echo(one_line(line))
    if page.next_cursor:
        typer.echo(f"… the newest {limit:,}; --limit shows more")
