"""The value review as a mail to the customer: goals, value and use in its own terms, and nothing of ours."""

from collections.abc import Iterator

from app.domain.blocks import Draft, DraftField
from app.domain.figures import Figure, Text, joined, text
from app.domain.records import Goal
from tools.health.open_work import progress
from tools.health.promises import shortened
from tools.health.wording import counted
from tools.renewal.case import RenewalCase

STATES = {"achieved": "reached", "on_track": "on track", "at_risk": "not there yet", "missed": "not reached"}
MOST_GOALS = 5
BREAK = "\n\n"


def value_mail(case: RenewalCase) -> Draft:
    """The draft. It promises nothing, and asks for what only the customer knows."""
    to = next((each for each in (*case.decision_makers, *case.champions)), None)
    name = to.contact.name if to is not None and case.sees_people else None
    greeting = text(f"Hello {name.split()[0]}," if name and name.split() else "Hello,")
    intro = text(
        "Before our next review I would like to go through what the product did for you, by your own measures."
    )
    parts = (greeting, intro, _goals(case), _use(case), _asks(case), text("Kind regards"))
    return Draft(
        title=text(f"Value review with {case.account.name}"),
        audience="customer",
        account_id=case.account.id,
        fields=(
            DraftField(label="To", text=text(name or "whoever decides, once you know who that is")),
            DraftField(label="Subject", text=text("What the product did for you so far")),
            DraftField(label="Text", text=joined([part for part in parts if part], BREAK)),
        ),
    )


def _goals(case: RenewalCase) -> Text:
    if not case.goals:
        return ()
    lines = [_goal(case, goal) for goal in case.goals[:MOST_GOALS]]
    return text("Where your goals stand:\n", joined(lines, "\n"))


def _goal(case: RenewalCase, goal: Goal) -> Text:
    state = STATES.get(goal.status or "", "where does it stand for you?")
    reached = progress(goal, case.stated)
    title = shortened(goal.title)
    if goal.metric and goal.current is not None and goal.baseline is not None:
        told = text(f"– {title}: {state}. {goal.metric}: {goal.baseline:,g} at first, {goal.current:,g} now")
        aim = f", the aim is {goal.target:,g}" if goal.target is not None else ""
        share = text(" (", reached, " of the way)") if reached is not None and goal.status != "achieved" else ()
        return text(told, f"{aim}", share, ".")
    return text(f"– {title}: {state}{'' if state.endswith('?') else '.'}")


def _use(case: RenewalCase) -> Text:
    lines = list(_use_lines(case))
    return text("How you use it:\n", joined(lines, "\n")) if lines else ()


def _use_lines(case: RenewalCase) -> Iterator[Text]:
    """What is known of the last 28 days."""
    inputs: dict[str, Figure] = {
        figure.key: figure
        for group in (*case.found.components.values(), *case.found.indicators.values())
        for figure in group.values()
    }

    def known(key: str) -> Figure | None:
        figure = inputs.get(key)
        return figure if figure is not None and figure.value is not None else None

    calls, people = known("usage.api_calls.28d"), known("usage.active_users.distinct.28d")
    used, offered = known("features.used.28d"), known("features.available")
    if calls is not None:
        yield text("– ", counted(calls, "API call", "API calls"), " in the last 28 days.")
    if people is not None:
        yield text("– ", people, " of your people used it in the last 28 days.")
    if used is not None and offered is not None:
        yield text("– ", used, " of the ", counted(offered, "feature", "features"), " of your plan are in use.")


def _asks(case: RenewalCase) -> Text:
    """What only the customer can tell."""
    asks = ["Is this how you see it, and what is missing?"]
    if not case.goals:
        asks = ["What did you want to reach with the product, and how do you measure it?"]
    elif any(goal.value_amount is None for goal in case.goals):
        asks.append("What is each of these goals worth to you in a year, in money, hours or customers?")
    asks.append("Who else should see the result, and which day suits you for thirty minutes?")
    return text(" ".join(asks))
