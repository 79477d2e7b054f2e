"""/qbr: the quarterly business review of a customer, as slides, with what the speaker must know beside them."""

from collections.abc import Mapping
from typing import ClassVar

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.periods import PeriodQuery
from app.domain.problems import InvalidArguments
from app.domain.records import RoadmapItem
from tools.health import HealthParameters, assess
from tools.health.findings import findings
from tools.health.stated import Stated
from tools.qbr.arguments import QbrArgs
from tools.qbr.data import QbrData
from tools.qbr.parameters import QbrParameters
from tools.qbr.quarters import quarters
from tools.qbr.report import agenda, deck, made, not_yet
from tools.qbr.review import Review


class QbrCommand(Command[QbrArgs]):
    """Reviews an account's quarter in five parts; `agenda` drafts the invitation."""

    name = "qbr"
    summary = "Quarterly business review: use, outcomes and ROI, roadmap, requests, next goals; or the invitation."
    examples = (
        "/qbr acme",
        "/qbr acme 2026Q2 on=2026-07-14 at=14:00",
        "/qbr acme this",
        "/qbr acme agenda on=2026-07-14 at=14:00",
    )
    asked_as = (
        "Prepare the QBR for acme.",
        "Make the slides for the quarterly business review with acme.",
        "Build the QBR deck of acme for Q3.",
        "What do I present at the quarterly business review of acme?",
        "Show the quarter of acme against the one before: use, goals and ROI.",
        "I present the QBR to acme next week, get me the material.",
        "Get me ready for the QBR with acme.",
        "Which goals should we propose to acme for the next quarter?",
        "How did the last quarter go for acme?",
        "The deck for the business review with acme, please.",
    )
    subcommands_asked_as: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "agenda": (
            "Draft the QBR invitation to acme.",
            "Draft an agenda mail for the QBR with acme.",
            "An invitation to acme with the agenda of our QBR, please.",
            "What is on the agenda of the QBR with acme?",
            "I need the agenda of the QBR to send to acme.",
            "Agenda and invitation for the QBR of acme.",
        )
    }
    document_title = "Quarterly business review"
    args = QbrArgs
    data = QbrData
    parameters = QbrParameters

    def needs(self, args: QbrArgs) -> Needs:
        """The account now and at the ends of both quarters.

        Raises:
            InvalidArguments: the account is not given (`missing`).
        """
        if args.account is None:
            raise InvalidArguments("Which customer is the QBR with?", missing=["account"], invalid=[])
        return Needs(
            account=args.account,
            feedback=True,
            records=(RoadmapItem,),
            daily=True,
            periods=(PeriodQuery(args.quarter),),
            parameters_of=("health", "feedback"),
        )

    def run(self, ctx: Context, args: QbrArgs) -> Outcome:
        review = _review(ctx, args)
        if review.snapshot.columns.not_yet[0]:
            return Outcome(not_yet(review))
        whole = made(review, args)
        return Outcome(agenda(whole) if args.action == "agenda" else deck(whole))


def _review(ctx: Context, args: QbrArgs) -> Review:
    snapshot, parameters, health = ctx.account, ctx.parameters, ctx.others.get("health")
    if snapshot is None or not isinstance(parameters, QbrParameters) or not isinstance(health, HealthParameters):
        raise TypeError("/qbr runs on an account, with its own parameters and those of /health")
    case = assess(snapshot.columns, health).case(0, ctx.currency)
    found, stated = findings(case, snapshot), Stated(case)
    stated.add(found.figures.values())
    account = snapshot.account
    own = parameters.for_account(account.segment, account.lifecycle)
    return Review(ctx, snapshot, found, quarters(ctx, args.quarter), own, stated)


COMMAND = QbrCommand()
