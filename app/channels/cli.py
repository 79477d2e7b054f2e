"""The command line `cse`: parses arguments, calls `turn` or a resource, prints. It works beside a running server."""

import asyncio
import datetime as dt
import gc
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from app.channels import cli_erasure, logs
from app.channels.cli_approvals import approvals_cli, messages_cli
from app.channels.cli_audit import audit_cli
from app.channels.terminal import AsJson, print_json, with_runtime
from app.domain.authority import Group
from app.domain.problems import Problem
from app.render.characters import one_line, visible
from app.runtime import Runtime, discover_commands, open_runtime
from app.security.principals import LOCAL
from app.settings import Settings, load_settings

cli = typer.Typer(help="A customer success engineer's desk over your own customer data.", no_args_is_help=True)
demo_cli = typer.Typer(help="The demo portfolio.", no_args_is_help=True)
kb_cli = typer.Typer(help="The knowledge base.", no_args_is_help=True)
keys_cli = typer.Typer(help="API keys.", no_args_is_help=True)
match_cli = typer.Typer(help="Which accounts the ids of other systems stand for.", no_args_is_help=True)
slack_cli = typer.Typer(help="Slack.", no_args_is_help=True)
cli.add_typer(approvals_cli, name="approvals")
cli.add_typer(audit_cli, name="audit")
cli.add_typer(demo_cli, name="demo")
cli.add_typer(kb_cli, name="kb")
cli.add_typer(keys_cli, name="keys")
cli.add_typer(match_cli, name="match")
cli.add_typer(messages_cli, name="messages")
cli.add_typer(slack_cli, name="slack")
cli_erasure.register(cli)

GROUPS_HELP = f"Approves for this group; may repeat: {', '.join(get_args(Group))}"

MATCHES_LISTED = 200
"""Matches, and what waits for one, that `cse match list` shows."""


def main() -> None:
    """Run the command line; a problem is one sentence on stderr and exit code 1."""
    try:
        cli()
    except Problem as problem:
        typer.echo(visible(f"{problem.detail} [{problem.code}]"), err=True)
        sys.exit(1)


@cli.command()
def serve() -> None:
    """Serve the API. Migrates; loads no demo and indexes nothing."""
    _serve(load_settings())


@cli.command()
def up() -> None:
    """Load the demo where no account was ever imported, index the knowledge base, print a link, serve."""
    settings = load_settings()
    link = asyncio.run(_prepare(settings))
    typer.echo(f"\n  Open {link}\n")
    _serve(settings)


async def _prepare(settings: Settings) -> str:
    from app.resources import demo, keys, knowledge

    async with open_runtime(settings) as runtime:
        loaded = await demo.keep_fresh(runtime)
        if loaded:
            typer.echo(loaded)
        typer.echo(await knowledge.sync(runtime))
        code = await keys.create_link(runtime, LOCAL)
    return f"http://{settings.host}:{settings.port}/sign-in?code={code}"


def _serve(settings: Settings) -> None:
    import uvicorn

    from app.main import create_app

    logs.configure(settings)
    app = create_app(settings)
    gc.freeze()  # what was imported stays: looking through it again and again took a sixth of the time of a long read
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
    )


@cli.command()
def ask(
    text: Annotated[str, typer.Argument(help='A question or a command, such as "/health acme"; - reads stdin')] = "",
    file: Annotated[
        list[str] | None, typer.Option(help="A log, HAR or other file to look at; may repeat; - reads stdin")
    ] = None,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Answer as of this day")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on in this thread")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the agent."""
    from app import turn
    from app.channels import cli_files
    from app.domain.events import ErrorEvent
    from app.render.text import to_text

    names = file or []
    cli_files.require_stdin_once([text, *names])
    message = cli_files.stdin_text(turn.MAX_MESSAGE_BYTES) if text == "-" else text

    async def work(runtime: Runtime) -> Any:
        attached = await cli_files.attach(runtime, names)
        day = as_of.date() if as_of else None
        asked = turn.Turn(LOCAL, message, thread, as_of=day, channel="cli", attachments=attached)
        return await turn.answer(runtime, asked)

    last = with_runtime(work)
    if isinstance(last, ErrorEvent):
        raise Problem(last.error.detail, code=last.error.code)
    answer = last.answer
    if as_json:
        print_json(answer.model_dump(mode="json"))
    elif answer.blocks:
        typer.echo(to_text(answer.blocks, answer.figures, shutil.get_terminal_size((100, 40)).columns))
    if answer.question is not None and not as_json:
        typer.echo(f'Answer with: cse ask --thread {answer.thread_id} "…"')
    if answer.error is not None and not as_json:
        raise Problem(answer.error.detail, code=answer.error.code)
    if answer.error is not None:
        raise typer.Exit(1)


@cli.command("import")
def import_data(
    path: Annotated[Path, typer.Argument(help="A CSV or JSON file, or a folder of them")],
    profile: Annotated[
        str | None, typer.Option(help="A mapping profile, such as salesforce, or the path of one (.yaml)")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what the profile makes of the first rows")] = False,
    through: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day up to which event files are complete")
    ] = None,
    effective: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which undated fields hold")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load customer data."""
    from app.channels.progress import import_progress
    from app.resources import imports, profiles

    async def look(runtime: Runtime) -> imports.Preview:
        return await imports.preview_path(runtime, LOCAL, path, profiles.by_name_or_path(runtime, profile))

    async def work(runtime: Runtime) -> Any:
        options = imports.Options(
            profile=profiles.by_name_or_path(runtime, profile),
            dry_run=dry_run,
            through=through.date() if through else None,
            effective=effective.date() if effective else None,
        )
        with import_progress(quiet=as_json) as on_progress:
            return await imports.run_path(runtime, LOCAL, path, options, on_progress)

    if preview:
        shown = with_runtime(look)
        print_json(shown.model_dump(mode="json")) if as_json else typer.echo(visible(shown.as_text()))
        return
    report = with_runtime(work)
    if as_json:
        print_json(report.as_json())
    else:
        typer.echo(visible(report.as_text()))


@cli.command("profiles")
def list_profiles(as_json: AsJson = False) -> None:
    """List the profiles and the files they read. Your own go into the folder profiles of the data folder."""
    from app.resources import profiles

    async def work(runtime: Runtime) -> list[profiles.ProfileLine]:
        return profiles.list_profiles(runtime)

    found = with_runtime(work)
    if as_json:
        print_json([line.model_dump() for line in found])
        return
    for line in found:
        typer.echo(one_line(f"{line.name}{' (yours)' if line.own else ''}: {line.about or 'no description'}"))
        for table, files in line.reads.items():
            typer.echo(f"  {table} ← {', '.join(files)}")


@match_cli.command("list")
def match_list(
    source: Annotated[str | None, typer.Option(help="Only this source, such as zendesk")] = None,
    as_json: AsJson = False,
) -> None:
    """List the matches, and what waits for one."""
    from app.resources import matching

    async def work(runtime: Runtime) -> tuple[matching.MatchPage, matching.UnmatchedPage, dict[str, int]]:
        return (
            await matching.list_matches(runtime, LOCAL, source, MATCHES_LISTED, None),
            await matching.list_unmatched(runtime, LOCAL, source, MATCHES_LISTED, None),
            await matching.count_unmatched(runtime, LOCAL),
        )

    made, waiting, counts = with_runtime(work)
    if as_json:
        matches = [match.model_dump() for match in made.items]
        print_json({"matches": matches, "unmatched": [g.model_dump() for g in waiting.items], "waiting_rows": counts})
        return
    for match in made.items:
        typer.echo(one_line(f"{match.source} {match.external_id} is {match.account_id}, by {match.how}"))
    if made.next_cursor:
        typer.echo(f"… the first {MATCHES_LISTED} matches; GET /v1/matches lists all")
    for group in waiting.items:
        rows = ", ".join(f"{table} {count:,}" for table, count in group.rows.items())
        names = f" called {', '.join(group.names)}" if group.names else ""
        like = f"; spelt like it: {', '.join(f'{s.name} ({s.id})' for s in group.suggestions)}"
        told = f"{group.source} {group.external_id}{names} waits: {rows}{like if group.suggestions else ''}"
        typer.echo(one_line(told))
    if waiting.next_cursor:
        typer.echo(f"… the first {MATCHES_LISTED} that wait; GET /v1/matches/unmatched lists all")
    if not made.items and not waiting.items:
        typer.echo("Nothing is matched, and nothing waits.")


@match_cli.command("set")
def match_set(source: str, external_id: str, account: str, as_json: AsJson = False) -> None:
    """Say which account a source's id stands for; the rows that waited become data at once."""
    from app.resources import matching

    done = with_runtime(lambda runtime: matching.set_match(runtime, LOCAL, source, external_id, account))
    if as_json:
        print_json(done.model_dump())
        return
    rows = ", ".join(f"{table} {change.created + change.updated:,}" for table, change in done.rows.items())
    told = f"{source} {external_id} is {account}. {f'Now data: {rows}.' if rows else 'No rows had waited for it.'}"
    typer.echo(one_line(told))


@match_cli.command("remove")
def match_remove(source: str, external_id: str, as_json: AsJson = False) -> None:
    """Take a match back; what it had made of waiting rows waits again."""
    from app.resources import matching

    done = with_runtime(lambda runtime: matching.remove_match(runtime, LOCAL, source, external_id))
    if as_json:
        print_json(done.model_dump())
        return
    typer.echo(f"{source} {external_id} is matched no more.")


@demo_cli.command("load")
def demo_load() -> None:
    """Load the demo portfolio, with dates relative to today."""
    from app.resources import demo

    typer.echo(with_runtime(demo.load))


@demo_cli.command("remove")
def demo_remove() -> None:
    """Remove the demo portfolio; everything else stays."""
    from app.resources import demo

    typer.echo(with_runtime(demo.remove))


@kb_cli.command("sync")
def kb_sync() -> None:
    """Bring the indexes in line with the shipped and your own articles."""
    from app.resources import knowledge

    typer.echo(with_runtime(knowledge.sync))


@kb_cli.command("search")
def kb_search(query: str, k: Annotated[int, typer.Option(min=1, max=50)] = 5, as_json: AsJson = False) -> None:
    """Search the knowledge base."""
    from app.resources import knowledge

    found = with_runtime(lambda runtime: knowledge.search(runtime, LOCAL, query, k, "internal"))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    typer.echo(f"outcome: {found.outcome}")
    for result in found.results:
        place = f"{result.title} › {result.heading} (lines {result.lines[0]}–{result.lines[1]})"
        typer.echo(one_line(f"{result.score:.3f}  {place}"))


@keys_cli.command("create")
def keys_create(
    name: Annotated[str, typer.Option(help="Whose key it is; names may repeat")],
    role: Annotated[str, typer.Option(help="viewer, cse, manager or admin")] = "cse",
    account: Annotated[list[str] | None, typer.Option(help="Limit the key to this account id; may repeat")] = None,
    group: Annotated[list[str] | None, typer.Option(help=GROUPS_HELP)] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key; its secret is shown this once."""
    from app.resources import keys

    limited = frozenset(account) if account else None
    made = with_runtime(
        lambda runtime: keys.create(
            runtime, LOCAL, name=name, role=keys.known_role(role), accounts=limited, groups=frozenset(group or ())
        )
    )
    if as_json:
        print_json(made.model_dump(include={"id", "key", "role"}))
    else:
        typer.echo(f"{made.key}\n\n{made.id}, role {made.role}. The key is not shown again.")


@keys_cli.command("list")
def keys_list(as_json: AsJson = False) -> None:
    """List all keys, without their secrets."""
    from app.resources import keys

    listed = with_runtime(lambda runtime: keys.list_keys(runtime, LOCAL))
    if as_json:
        print_json([key.model_dump(mode="json") for key in listed])
        return
    for key in listed:
        state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "active"
        limited = ", ".join(sorted(key.accounts)) if key.accounts is not None else "all accounts"
        groups = f"; approves for {', '.join(sorted(key.groups))}" if key.groups else ""
        typer.echo(visible(f"{key.id}  {key.role:<8} {state:<19} {one_line(key.name)} ({limited}{groups})"))


@keys_cli.command("revoke")
def keys_revoke(key_id: str) -> None:
    """Make a key unusable at once."""
    from app.resources import keys

    with_runtime(lambda runtime: keys.revoke(runtime, LOCAL, key_id))
    typer.echo(f"{key_id} is revoked.")


@cli.command()
def link(
    name: Annotated[str, typer.Option(help="Whose browser it is: what approvers and the audit log read")] = "browser",
    role: Annotated[str, typer.Option(help="viewer, cse, manager or admin")] = "admin",
    account: Annotated[list[str] | None, typer.Option(help="Limit it to this account id; may repeat")] = None,
    group: Annotated[list[str] | None, typer.Option(help=GROUPS_HELP)] = None,
) -> None:
    """Print a link that signs a browser in, once, within 15 minutes."""
    from app.resources import keys

    settings = load_settings()
    limited = frozenset(account) if account else None
    code = with_runtime(
        lambda runtime: keys.create_link(
            runtime, LOCAL, name=name, role=keys.known_role(role), accounts=limited, groups=frozenset(group or ())
        )
    )
    typer.echo(f"http://{settings.host}:{settings.port}/sign-in?code={code}")


@slack_cli.command("manifest")
def slack_manifest(
    url: Annotated[
        str, typer.Option(help="The service's address as Slack reaches it, such as https://cse.example.com")
    ],
    command: Annotated[str, typer.Option(help="The slash command's name in Slack")] = "/cse",
) -> None:
    """Print the manifest from which Slack makes the app."""
    from app.channels.slack_manifest import manifest

    print_json(manifest(url, command, discover_commands()))


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file, such as cse-2026-03-01.zip")]) -> None:
    """Write the whole database to a file, also beside a running service."""
    from app.resources import operations

    made = operations.backup(load_settings(), file, dt.datetime.now(dt.UTC))
    typer.echo(
        f"{file}: {made.rows:,} rows of {len(made.tables)} tables, at version {made.version_n} of the data. It holds"
        " customer data, conversations and hashes of keys, but no keys: keep it as you keep the database."
    )


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that cse backup wrote")],
    force: Annotated[bool, typer.Option("--force", help="Replace the data that the database holds")] = False,
) -> None:
    """Put a backup in the place of what the database holds. The service must not be running."""
    from app.resources import operations

    done = operations.restore(load_settings(), file, force=force, now=dt.datetime.now(dt.UTC))
    typer.echo(
        f"Restored the state of {done.created_at:%Y-%m-%d %H:%M} UTC: {done.rows:,} rows, at version {done.version_n} "
        "of the data. Keys are valid as they were then. Run `cse kb sync` to build the search index anew."
    )
    if done.erased_again:
        typer.echo(f"People erased again, since they were erased after that backup: {done.erased_again}.")


@cli.command()
def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, feeds, search and what else the service needs. Changes nothing."""
    from app.resources import doctor as checks

    try:
        findings = checks.examine(load_settings(), dt.datetime.now(dt.UTC))
    except Problem as problem:
        findings = [checks.settings_error(problem)]
    if as_json:
        print_json([finding.model_dump() for finding in findings])
    else:
        for finding in findings:
            typer.echo(visible(f"{finding.state:<8} {finding.topic:<12} {finding.detail}"))
            if finding.mend:
                typer.echo(f"{'':<21} → {finding.mend}")
    if any(finding.state == "error" for finding in findings):
        raise typer.Exit(1)


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from app.main import create_app

    print_json(create_app(load_settings()).openapi())


if __name__ == "__main__":
    main()
