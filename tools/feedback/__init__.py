"""/feedback: what customers ask for: heard, ranked by RICE, told to product and back; and what tickets repeat."""

from collections.abc import Mapping
from typing import ClassVar

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.snapshot import ShippedQuery
from tools.feedback import accepting, adding, brief, collecting, listing, reporting, shipping, trends
from tools.feedback.arguments import FeedbackArgs, refuse_what_has_no_place
from tools.feedback.data import FeedbackData
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.spans import first_read


class FeedbackCommand(Command[FeedbackArgs]):
    """Ranks customer feedback by RICE, lists and adds it, collects it, reports on it, and follows up what shipped.

    Briefs product on a quarter, and finds what comes again and again in tickets.
    """

    name = "feedback"
    summary = "Customer feedback: collect, rank by RICE, brief product, tell customers what shipped; ticket trends."
    examples = (
        "/feedback",
        "/feedback list category=bug",
        "/feedback add Webhooks for payments category=feature_request reach=50 impact=10 confidence=80% effort=4",
        "/feedback collect",
        "/feedback accept p-3f9a2c11d0 impact=8 confidence=70% effort=3",
        "/feedback report last month",
        "/feedback brief 2026Q2",
        "/feedback trends this",
        "/feedback shipped Webhooks for payments on=2026-10-12",
    )
    asked_as = (
        "What are the top feature requests?",
        "What do customers ask for most?",
        "Rank the feedback by RICE.",
        "Which bugs hurt customers the most?",
        "What has acme asked us to build?",
        "Show the feedback from acme.",
        "Which requests should product do first?",
        "What are customers complaining about?",
        "List the documentation gaps that customers reported.",
        "What product feedback do we have?",
        "Which feature request has the most ARR behind it?",
        "What does acme want from us?",
        "Feature requests of acme.",
        "Which requests score highest?",
        "Give me the bugs that acme reported.",
        "Show me the ranked requests before I meet product.",
        "What do customers say is wrong with the docs?",
    )
    subcommands_asked_as: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "collect": (
            "What did customers ask for that is not among our items yet?",
            "Search tickets, calls and NPS comments for new feedback.",
            "Collect what customers said and propose items from it.",
            "Which wishes in the tickets has nobody written down?",
            "What did acme say that should become an item?",
            "Collect the feedback from what customers wrote and said.",
            "Is there something acme told us that belongs in the feedback?",
            "Propose new items from recent tickets.",
        ),
        "report": (
            "Write the feedback report of the month to product management.",
            "Prepare last month's report to the product managers.",
            "Summarize what came in last month for product.",
            "The voice of the customer for the month, to send to product.",
            "The month's feedback report.",
        ),
        "brief": (
            "Write the customer brief for the quarter.",
            "What hurt our customers most last quarter?",
            "Brief product on the pain points of the quarter.",
            "What are the top pain points and product gaps with evidence?",
            "Which pain points grew since the quarter before?",
            "The quarterly brief on customers' pain points for product.",
            "What did we ask of product last quarter, and whom did we tell what became of it?",
        ),
        "trends": (
            "Which kinds of tickets come again and again?",
            "What are the repeat categories of tickets?",
            "Which article would deflect most tickets?",
            "Analyze the ticket trends of the quarter.",
            "Where could automation or a procedure save us support hours?",
            "Which knowledge base articles should we write?",
            "What operational improvements do the tickets suggest?",
            "Which issues repeat, and what would stop them?",
        ),
        "shipped": (
            "We shipped a feature: who asked for it?",
            "Which customers must hear that their request was released?",
            "The request is live now, whom do we tell first?",
            "It was released: who requested it, and who is to be notified?",
            "Do those who asked for the feature that came out use it?",
        ),
    }
    writes = frozenset({"add", "accept"})
    args = FeedbackArgs
    data = FeedbackData
    parameters = FeedbackParameters

    def needs(self, args: FeedbackArgs) -> Needs:
        """Ranking, list and report are as of today, whatever was imported: what is written down here counts at once."""
        match args.action:
            case "collect" | "accept":
                return Needs(
                    account=args.account,
                    feedback=True,
                    portfolio=args.account is None,
                    voices_since=args.since or collecting.DAYS - 1,
                )
            case "report":
                return Needs(feedback=True, portfolio=True, voices_since=reporting.VOICES_DAYS, today=True)
            case "brief":
                voices = first_read(args.period or args.title)
                return Needs(feedback=True, portfolio=True, voices_since=voices, today=True)
            case "trends":
                return trends.needs(args)
            case "shipped":
                words = args.item or args.title or ""
                return Needs(feedback=True, shipped=ShippedQuery(words, args.on, args.feature, shipping.DAYS))
            case _:
                named = args.action == "add" and bool(args.accounts)
                needs_names = named or _may_be_an_account(args)
                return Needs(account=args.account, feedback=True, portfolio=needs_names, today=True)

    def run(self, ctx: Context, args: FeedbackArgs) -> Outcome:
        if not isinstance(ctx.parameters, FeedbackParameters) or ctx.feedback is None:
            raise TypeError("/feedback needs its own parameters and the feedback book in its context")
        refuse_what_has_no_place(args)
        book, parameters = ctx.feedback, ctx.parameters
        match args.action:
            case "add":
                return adding.add(ctx, args, book, parameters)
            case "collect":
                return Outcome(collecting.report(ctx, args, book, parameters))
            case "accept":
                return accepting.accept(ctx, args, book, parameters)
            case "report":
                return Outcome(reporting.report(ctx, args, book, parameters))
            case "brief":
                return Outcome(brief.report(ctx, args, book, parameters))
            case "trends":
                return Outcome(trends.report(ctx, args, parameters))
            case "shipped":
                return shipping.shipped(ctx, args, book, parameters)
            case _:
                return Outcome(listing.report(ctx, args, book, parameters))


def _may_be_an_account(args: FeedbackArgs) -> bool:
    """Words of the ranking and the list may be an account that is misspelt."""
    return args.action in ("rank", "list") and args.account is None and bool(args.title)


COMMAND = FeedbackCommand()
