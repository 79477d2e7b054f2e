"""/escalate similar: other accounts with the same trouble as an escalation on record."""

from app.domain.blocks import Block, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.figures import Text, text
from tools.escalate.arguments import EscalateArgs
from tools.escalate.data import SimilarCasesData, escalation_data
from tools.escalate.parameters import EscalateParameters
from tools.escalate.register import Entry, Meant, book_of, figure
from tools.escalate.report import escalations_alike, similar_data, similar_escalation_data, tickets_alike
from tools.escalate.similar import find_similar, find_similar_escalations
from tools.escalate.statement import Statement, understand


def run(ctx: Context, meant: Meant, parameters: EscalateParameters) -> Outcome:
    entry = meant.entry
    stated = statement_of(entry, parameters)
    peers = tuple(peer for peer in ctx.peers if peer.account_id != entry.account.id)
    names = (entry.account.name, *(peer.account_name for peer in peers))
    tickets = find_similar(stated, peers, names, parameters)
    others = find_similar_escalations(stated, entry.account.id, book_of(ctx), parameters)
    accounts = {found.ticket.account_id for found in tickets} | {found.escalation.account_id for found in others}
    rule = "other accounts with an open ticket or an open escalation like it"
    count = figure(
        entry, ctx.as_of, "similar_accounts", "Other accounts with a similar case", len(accounts), "count", rule
    )
    about = f"{entry.id} ({entry.account.name})"
    if accounts:
        lines: tuple[Text, ...] = (
            text("Link them to one incident and give all of these customers the same facts."),
            text("A severity stays that of each customer's own impact."),
        )
        verdict = Verdict(
            tone="warning", headline=text(f"{about}: other accounts with a similar case: ", count), lines=lines
        )
    else:
        lines = (text("Compared with the open tickets and escalations of the other accounts that you may see."),)
        verdict = Verdict(tone="good", headline=text(f"{about}: no other account has a similar open case"), lines=lines)
    shown = parameters.similar.shown
    blocks: list[Block] = [verdict, *escalations_alike(others, shown), *tickets_alike(tickets, shown)]
    data = SimilarCasesData(
        escalation=escalation_data(entry),
        tickets=similar_data(tickets),
        escalations=similar_escalation_data(others),
    )
    return Outcome(Report(data=data, blocks=tuple(blocks), figures=(count,)))


def statement_of(entry: Entry, parameters: EscalateParameters) -> Statement:
    """The issue on record, read again from its package; of one without, its title."""
    escalation = entry.escalation
    issue = escalation.package or escalation.title
    args = EscalateArgs(
        account=entry.account.id,
        issue=issue,
        kind=escalation.kind,
        severity=escalation.severity,
        endpoint=escalation.endpoint,
    )
    return understand(args, parameters)
