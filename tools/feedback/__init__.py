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
