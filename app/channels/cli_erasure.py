"""`cse erase` and `cse sweep`: a person out of everything, and what is old enough out of the way."""

from typing import Annotated

import typer

from app.channels.terminal import AsJson, print_json, with_runtime
from app.render.characters import one_line
from app.resources.erasure import Erasure, Swept
from app.runtime import Runtime
from app.security.principals import LOCAL

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do, write nothing")]


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command()(erase)
    cli.command()(sweep)


def erase(
    person: Annotated[str, typer.Argument(help="The person's contact id, e-mail address or full name")],
    account: Annotated[str | None, typer.Option(help="Look only among the contacts of this account id")] = None,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a person from all data, conversations, articles and logs, for good. See docs/operations.md."""
    from app.resources import erasure

    def work(is_dry: bool) -> Erasure:
        return with_runtime(lambda runtime: erasure.erase(runtime, LOCAL, person, account, dry_run=is_dry))

    if as_json and not (dry_run or yes):
        raise typer.BadParameter("--json asks nothing: give --yes, or --dry-run")
    if not dry_run and not yes:
        _print_erasure(work(True))
        typer.confirm("Nothing brings it back. Erase?", abort=True)
    done = work(dry_run)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        _print_erasure(done)


def sweep(dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove what is older than CSE_KEEP_TRANSCRIPTS_DAYS and CSE_KEEP_AUDIT_DAYS say, and spent codes and answers."""
    from app.resources import erasure

    async def work(runtime: Runtime) -> Swept:
        return await erasure.sweep(runtime, LOCAL, dry_run=dry_run)

    done = with_runtime(work)
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    rows = ", ".join(f"{table} {count:,}" for table, count in done.rows.items())
    typer.echo(f"{'Would remove' if dry_run else 'Removed'}: {rows or 'nothing'}.")
    for what, setting, before in (
        ("Conversations", "CSE_KEEP_TRANSCRIPTS_DAYS", done.transcripts_before),
        ("Audit events", "CSE_KEEP_AUDIT_DAYS", done.audit_before),
    ):
        kept = f"are kept from {before:%Y-%m-%d} on" if before else f"are kept for ever: {setting} is not set"
        typer.echo(f"{what} {kept}.")
    _print_purge(done.is_purged, "cse sweep")


def _print_erasure(done: Erasure) -> None:
    rows = ", ".join(f"{table} {count:,}" for table, count in done.rows.items())
    about = f" (account {', '.join(done.accounts)})" if done.accounts else ""
    whom = f"Would erase {one_line(', '.join(done.whom))}{about}" if done.dry_run else "Erased"
    lines = [
        f"{whom}: now {', '.join(done.pseudonyms)}.",
        f"Rows changed: {rows or 'none'}.",
    ]
    if done.audit_events:
        lines.append(f"Audit events whose details are emptied: {done.audit_events:,}.")
    if done.documents:
        lines.append(f"Articles changed and indexed anew, with the whole index: {', '.join(done.documents)}.")
    if done.shipped:
        lines.append(
            f"Change the files of these as well, or `cse kb sync` brings them back: {', '.join(done.shipped)}."
        )
    if done.withdrawn:
        lines.append(f"Withdrawn, since they wait for approval and name the person: {', '.join(done.withdrawn)}.")
    if done.unsent:
        lines.append(f"Not sent any more: {', '.join(done.unsent)}.")
    if done.kept_addresses:
        lines.append(f"Kept, since other contacts have it too: {', '.join(done.kept_addresses)}.")
    if done.unfinished:
        lines.append(f"{done.unfinished} turns or jobs run right now and may name the person: repeat this afterwards.")
    for backup in done.backups:
        place = "" if backup.is_there else " (not found on this machine)"
        lines.append(f"May hold the person, delete it: {backup.path} of {backup.made_at:%Y-%m-%d}{place}.")
    for line in lines:
        typer.echo(one_line(line))
    if not done.dry_run:
        typer.echo("Erase the person in the source systems too, and in files that are imported from them.")
        _print_purge(done.is_purged, "cse sweep")


def _print_purge(is_purged: bool | None, command: str) -> None:
    if is_purged is False:
        typer.echo(f"Others held the database: its file still has the old bytes. Stop the service and run `{command}`.")
