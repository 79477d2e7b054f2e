"""/feedback: what customers ask for, ranked by RICE, listed, or added."""

from app.domain.command import Command, Context, Needs, Outcome
from tools.feedback import adding, listing
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.data import FeedbackData
from tools.feedback.parameters import FeedbackParameters


class FeedbackCommand(Command[FeedbackArgs]):
    """Ranks customer feedback by RICE with all inputs shown, lists it, or adds an item."""

    name = "feedback"
    summary = "Customer feedback ranked by RICE; list it, or add an item."
    examples = (
        "/feedback",
        "/feedback list category=bug",
        "/feedback add Webhooks for payments category=feature_request reach=50 impact=10 confidence=80% effort=4",
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
    )
    writes = frozenset({"add"})
    args = FeedbackArgs
    data = FeedbackData
    parameters = FeedbackParameters

    def needs(self, args: FeedbackArgs) -> Needs:
        linking = args.action == "add" and bool(args.accounts)
        return Needs(account=args.account, feedback=True, portfolio=linking)

    def run(self, ctx: Context, args: FeedbackArgs) -> Outcome:
        if not isinstance(ctx.parameters, FeedbackParameters) or ctx.feedback is None:
            raise TypeError("/feedback needs its own parameters and the feedback book in its context")
        if args.action == "add":
            return adding.add(ctx, args, ctx.feedback, ctx.parameters)
        return Outcome(listing.report(ctx, args, ctx.feedback, ctx.parameters))


COMMAND = FeedbackCommand()
