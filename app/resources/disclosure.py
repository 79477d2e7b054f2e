"""What may go to a customer, by everything that is on record: for every text and every answer that does."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from app.domain.blocks import Block, Citations, Notice, Question
from app.domain.command import Report
from app.domain.disclosure import (
    DisclosureRules,
    Kind,
    Leak,
    Unsaid,
    directory_of,
    joined_names,
    name_parts,
    person_of,
    runs_of,
)
from app.domain.disclosure import leaks as leaks_in
from app.domain.disclosure_blocks import (
    Disclosed,
    Left,
    for_customer,
    is_content,
    is_to_colleague,
    left_out,
    merged,
    refs_of,
    sieved,
)
from app.domain.figures import Figure, text
from app.domain.problems import Problem
from app.domain.reply import Reply
from app.render.markdown import to_markdown
from app.render.text import to_text
from app.render.values import with_shown
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import snapshots, unsaid_rows, versions

KEPT = 16
"""Accounts whose names, ids and notes stay in memory."""

WIDTH = 2_000
"""Characters of a line of the text that is looked through: wide enough that no phrase is parted."""

LEAK = "leak"
"""The code of the problem that an answer held what its customer must not read."""

log = logging.getLogger(__name__)


async def leaks(
    runtime: Runtime, principal: Principal, account_id: str, *texts: str, kind: Kind = "message"
) -> tuple[Leak, ...]:
    """What in these texts the customer must not read; nothing where they may go out.

    That another customer is named is told without the name, so that no caller learns of an account outside its scope.
    """
    unsaid = await unsaid_of(runtime, account_id)

    def read() -> tuple[Leak, ...]:
        found = (leak for text in texts for leak in leaks_in(text, unsaid, runtime.disclosure, kind))
        return tuple({leak.reason: leak for leak in found}.values())

    return await asyncio.to_thread(read)


def report_for(conn: Connection, runtime: Runtime, report: Report, account_id: str | None) -> Disclosed:
    """What of a command's report its customer may read; of one that is about no account nothing is."""
    unsaid = read_unsaid(conn, runtime, account_id)
    return for_customer(report.blocks, with_shown(report.figures), runtime.disclosure, unsaid)


async def reply_for_customer(runtime: Runtime, reply: Reply) -> Reply:
    """The whole reply as its customer may read it, and for the colleague what was left out.

    What a command writes, it writes all the same; its data for programs are left out.

    Raises:
        Problem: something is left in it that the customer must not read, or that could not be looked for (`leak`).
    """
    unsaid = await unsaid_of(runtime, reply.reader)
    try:
        return await asyncio.to_thread(_reply_for, runtime, reply, unsaid)
    except Problem:
        raise
    except Exception:
        log.exception("an answer for a customer could not be checked")
        raise _leak(runtime.disclosure) from None


async def problem_for_customer(runtime: Runtime, problem: Problem) -> Problem:
    """The problem without what it tells of accounts and records: it offers none, and names no customer."""
    told = runtime.disclosure.told
    missing = {"missing": problem.extra["missing"]} if "missing" in problem.extra else {}
    detail = problem.detail
    if problem.code in ("account_not_found", "account_ambiguous"):
        detail = told.account_not_found
    elif problem.code != LEAK and not await _is_fit(runtime, detail):
        detail = told.error
    return Problem(detail, code=problem.code, status=problem.status, **missing)


async def _is_fit(runtime: Runtime, detail: str) -> bool:
    """Whether a sentence names nobody. What cannot be checked is not fit."""
    unsaid = await unsaid_of(runtime, None)
    try:
        return not leaks_in(detail, unsaid, runtime.disclosure, "message")
    except Exception:
        log.exception("a problem for a customer could not be checked")
        return False


def _reply_for(runtime: Runtime, reply: Reply, unsaid: Unsaid) -> Reply:
    rules = runtime.disclosure
    kind: Kind = "answer" if reply.command or reply.usage.get("model_calls") or reply.figures else "message"
    told = _without_leaks(sieved(reply.blocks, with_shown(reply.figures), rules, unsaid, kind), rules, unsaid, kind)
    blocks, withheld = told.blocks, merged((*reply.withheld, *told.withheld))
    if withheld and not any(is_content(block, rules) for block in blocks):
        why = rules.told.nothing_left if reply.reader is None else rules.told.nothing_about
        nothing = Notice(tone="neutral", text=text(f"{rules.told.not_for_customer} {why}"))
        blocks = (*filter(is_to_colleague, blocks), nothing)
    question = next((block for block in reversed(blocks) if isinstance(block, Question)), None)
    return replace(
        reply,
        blocks=(*blocks, *left_out(withheld, rules)),
        figures=told.figures,
        data=None,
        question=question if reply.question else None,
        withheld=withheld,
    )


def _without_leaks(told: Disclosed, rules: DisclosureRules, unsaid: Unsaid, kind: Kind) -> Disclosed:
    """The same, once all of it was read as a reader sees it. Where the whole leaks, so do blocks of it: they fall.

    Raises:
        Problem: the whole leaks even so (`leak`).
    """

    def leaks_of(blocks: Sequence[Block]) -> tuple[Leak, ...]:
        ours = [block for block in blocks if is_to_colleague(block)]
        theirs = [b for b in blocks if not is_to_colleague(b) and not isinstance(b, Citations)]  # read by their names
        found = leaks_in(_rendered(theirs, told.figures), unsaid, rules, kind) if theirs else ()
        return found or (leaks_in(_rendered(ours, told.figures), unsaid, rules, "message") if ours else ())

    if not leaks_of(told.blocks):
        return told
    by_block = [(block, leaks_of([block])) for block in told.blocks]
    kept = tuple(block for block, found in by_block if not found)
    if leaks_of(kept):
        raise _leak(rules)
    left = tuple(Left(block.type, found[0].reason) for block, found in by_block if found)
    used = {(ref.figure, ref.account_id) for block in kept for ref in refs_of(block)}
    figures = tuple(figure for figure in told.figures if (figure.key, figure.account_id) in used)
    return Disclosed(kept, figures, (*told.withheld, *left))


def _rendered(blocks: Sequence[Block], figures: Sequence[Figure]) -> str:
    """All that a reader sees: the blocks as Markdown and as text, and the figures' own words."""
    used = {ref.figure for block in blocks for ref in refs_of(block)}
    own = (f"{figure.label}\n{figure.formula}" for figure in figures if figure.key in used)
    return "\n\n".join((to_markdown(blocks, figures), to_text(blocks, figures, WIDTH), *own))


def _leak(rules: DisclosureRules) -> Problem:
    return Problem(rules.told.leak, code=LEAK, status=422)


async def unsaid_of(runtime: Runtime, account_id: str | None) -> Unsaid:
    """The names, ids, amounts and notes that the customer must not read; without an account: all names."""
    return await runtime.store.read(read_unsaid, runtime, account_id)


def read_unsaid(conn: Connection, runtime: Runtime, account_id: str | None) -> Unsaid:
    """As `unsaid_of`, within the caller's transaction."""
    version = versions.current(conn)
    kept, key = runtime.unsaid, (version, account_id)
    if (version, None) not in kept:
        kept.clear()
        kept[version, None] = _nobody(conn, version)
    if key not in kept:
        everybody = kept[version, None]
        if len(kept) >= KEPT:
            kept.clear()
            kept[version, None] = everybody
        kept[key] = _of_account(conn, version, everybody, str(account_id))
    return kept[key]


def _nobody(conn: Connection, version: int) -> Unsaid:
    """What no customer reads, whoever it is."""
    known = unsaid_rows.everybody(conn, version)
    return Unsaid(
        people=name_parts((*known.colleagues, *map(person_of, known.keys))),
        directory=directory_of(known.accounts),
        account_id=None,
        names=joined_names(known.accounts),
    )


def _of_account(conn: Connection, version: int, everybody: Unsaid, account_id: str) -> Unsaid:
    """The same without what the customer itself is called, and what is on record of it."""
    on_record = unsaid_rows.on_record(conn, version, account_id)
    own = everybody.directory.known([account_id])
    called = (name for account in own for name in (account.name, *account.aliases))
    own_ids = frozenset(each.casefold() for each in on_record.own_ids)
    return replace(
        everybody,
        people=everybody.people - name_parts((*called, *on_record.people)),
        account_id=account_id,
        internal_ids=frozenset(each.casefold() for each in on_record.internal_ids) - own_ids,
        own_ids=own_ids,
        amounts=frozenset(abs(amount) for amount in on_record.amounts),
        notes=runs_of(on_record.notes) - runs_of(on_record.own_words),
        names=everybody.names - joined_names(own),
        name=next((name for _, name, _ in snapshots.account_names(conn, version, frozenset({account_id}))), ""),
    )
