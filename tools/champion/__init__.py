"""/champion: who speaks for us at a customer, what hangs on them, who could follow, and what to do for them."""

from collections.abc import Mapping
from typing import ClassVar

from app.domain.command import Command, Context, Needs, Outcome
from app.domain.problems import InvalidArguments
from app.domain.records import ContactActivity, RoadmapItem
from tools.champion import account, book, marking
from tools.champion.arguments import ChampionArgs
from tools.champion.data import ChampionData
from tools.champion.parameters import ACTIVITY_DAYS, ChampionParameters


class ChampionCommand(Command[ChampionArgs]):
    """Judges an account's people by the four traits of a champion; without an account, ranks the book by risk."""

    name = "champion"
    summary = "Champions: who speaks for us, who could, what hangs on one person, and what to do for them."
    examples = (
        "/champion acme",
        "/champion",
        "/champion owner=Priya",
        "/champion acme mark Jane Doe",
        "/champion acme unmark Jane Doe",
    )
    asked_as = (
        "Who is our champion at acme?",
        "Who are the champions of acme?",
        "Who at acme could become a champion?",
        "The champion of acme left, who could follow?",
        "How do I cultivate the champion at acme?",
        "Who advocates for us inside acme?",
        "Who is the power user at acme?",
        "Do we depend on a single champion at acme?",
        "Which accounts have no champion?",
        "Which accounts hang on one champion?",
        "Where did a champion leave?",
        "Build advocacy at acme.",
        "Whom can we ask for a reference at acme?",
    )
    subcommands_asked_as: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    writes = frozenset({"mark", "unmark"})
    args = ChampionArgs
    data = ChampionData
    parameters = ChampionParameters

    def needs(self, args: ChampionArgs) -> Needs:
        """People are marked as of today, or of the day that the user names."""
        if args.action is not None:
            if args.account is None:
                raise InvalidArguments("At which account is the person?", missing=["account"])
            return Needs(account=args.account, today=True)
        if args.account is None:
            return Needs(portfolio=True, parameters_of=("health",))
        return Needs(
            account=args.account,
            feedback=True,
            records=(ContactActivity, RoadmapItem),
            records_since=ACTIVITY_DAYS,
            parameters_of=("health", "feedback"),
        )

    def run(self, ctx: Context, args: ChampionArgs) -> Outcome:
        if args.action is not None:
            return marking.run(ctx, args)
        if args.account is None:
            return Outcome(book.report(ctx, args))
        return Outcome(account.report(ctx))


COMMAND = ChampionCommand()
