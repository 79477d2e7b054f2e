"""An inquiry: a case with its diagnosis and all else that the answer is made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.blocks import Citation
from app.domain.command import Context
from app.domain.figures import Figure
from app.domain.records import Contact, Ticket
from app.domain.snapshot import AccountSnapshot, PeerTicket
from tools.escalate.parameters import EscalateParameters
from tools.escalate.similar import SimilarTicket, find_similar
from tools.troubleshoot.arguments import TroubleshootArgs
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import Diagnosed, Found, diagnose
from tools.troubleshoot.follow_up import FollowUp, follow_up
from tools.troubleshoot.handover import Handover, handover, has_signature
from tools.troubleshoot.opened import Opened, opened
from tools.troubleshoot.parameters import Person, RuleTexts, TroubleshootParameters
from tools.troubleshoot.questions import answered, missing
from tools.troubleshoot.repro import Script, repro
from tools.troubleshoot.statement import QuestionKey
from tools.troubleshoot.support import Support, support
from tools.troubleshoot.wording import texts_of

AT_STAKE = ("arr", "renewal.days_to_renewal")
"""Of the figures of an escalation those that say what is at stake; the others are of its package."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`answered` tells by what a question is answered, `missing` are those to be asked; `past`: own tickets like it.

    `contacts` are the people at the customer who are still there; nobody where the caller is told no names.
    """

    opened: Opened
    diagnosed: Diagnosed
    answered: Mapping[QuestionKey, str]
    missing: tuple[QuestionKey, ...]
    handover: Handover
    support: Support
    follow_up: FollowUp
    scripts: tuple[Script, ...]
    past: tuple[SimilarTicket, ...]
    contacts: tuple[Contact, ...]
    passages: tuple[Citation, ...]
    snapshot: AccountSnapshot | None
    sees_people: bool

    @property
    def case(self) -> Case:
        return self.opened.case

    @property
    def parameters(self) -> TroubleshootParameters:
        return self.opened.case.parameters

    @property
    def top(self) -> Found | None:
        """The top cause."""
        return self.diagnosed.top

    @property
    def decided(self) -> Found | None:
        """The top cause where it is known or likely."""
        top = self.diagnosed.top
        return None if top is None or top.finding.certainty == "possible" else top

    @property
    def account_id(self) -> str | None:
        return self.snapshot.account.id if self.snapshot else None

    def texts(self, found: Found) -> RuleTexts:
        return texts_of(found, self.parameters)

    def person(self, part: Person) -> Contact | None:
        """The customer's first person with a part who has a name."""
        return next((each for each in self.contacts if each.stakeholder == part and each.name), None)


def inquire(ctx: Context, args: TroubleshootArgs) -> Inquiry:
    """Read what was given, diagnose it, and put beside it what the answer tells.

    Raises:
        InvalidArguments: the ticket that is named is not on record.
    """
    read = opened(ctx, args)
    case = read.case
    diagnosed = diagnose(case)
    scripts = repro(case)
    found = handover(ctx, case, diagnosed, _request(scripts))
    return Inquiry(
        opened=read,
        diagnosed=diagnosed,
        answered=answered(case),
        missing=missing(case, diagnosed),
        handover=found,
        support=support(ctx, read, diagnosed, found),
        follow_up=follow_up(ctx, diagnosed, case.parameters),
        scripts=scripts,
        past=_past(ctx, found, read.ticket),
        contacts=_contacts(ctx),
        passages=ctx.passages,
        snapshot=ctx.account,
        sees_people=ctx.sees_people,
    )


def figures_of(inquiry: Inquiry) -> tuple[Figure, ...]:
    """Every figure that the answer may state, each key once."""
    each_once: dict[str, Figure] = {}
    for figure in _figures(inquiry):
        each_once.setdefault(figure.key, figure)
    return tuple(each_once.values())


def _figures(inquiry: Inquiry) -> Iterator[Figure]:
    for found in (*inquiry.diagnosed.causes, *inquiry.diagnosed.contexts):
        for clue in (*found.finding.clues, *found.finding.against):
            yield from clue.figures
    if inquiry.case.known is not None:
        yield from inquiry.case.known.figures
    yield from (figure for figure in inquiry.handover.figures.values() if figure.key in AT_STAKE)


def _request(scripts: tuple[Script, ...]) -> str | None:
    """The curl command that sends the request again."""
    return next((script.text for script in scripts if script.language == "curl"), None)


def _past(ctx: Context, found: Handover, current: Ticket | None) -> tuple[SimilarTicket, ...]:
    """The account's own tickets about the same, newest first, but for the one that is asked about."""
    snapshot, parameters = ctx.account, ctx.others.get("escalate")
    if snapshot is None or not isinstance(parameters, EscalateParameters):
        return ()
    name = snapshot.account.name
    own = tuple(
        PeerTicket(
            account_id=ticket.account_id,
            account_name=name,
            id=ticket.id,
            opened_at=ticket.opened_at,
            severity=ticket.severity,
            escalated=ticket.escalated is True,
            subject=ticket.subject or "",
        )
        for ticket in snapshot.tickets
        if current is None or ticket.id != current.id
    )
    return tuple(each for each in find_similar(found.stated, own, (name,), parameters) if has_signature(each))


def _contacts(ctx: Context) -> tuple[Contact, ...]:
    if ctx.account is None or not ctx.sees_people:
        return ()
    here = (each for each in ctx.account.contacts if each.left_on is None or each.left_on > ctx.as_of)
    return tuple(here)
