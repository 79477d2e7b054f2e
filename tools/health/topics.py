"""What a call is about: the one thing to settle in it and the questions to ask, each with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.figures import Text, text
from app.domain.records import Goal
from tools.health.data import ActionData
from tools.health.findings import Findings
from tools.health.open_work import OpenWork, past_due
from tools.health.parameters import ComponentKey, PlayKey
from tools.health.people import last_talk
from tools.health.promises import shortened
from tools.health.scoring import COMPONENTS, UNKNOWN
from tools.health.wording import COMPONENT_LABELS

Matter = Literal["issue", "promise", "contract", "onboarding", "risk", "goal", "unknown", "growth", "change"]
"""Questions of a call are first taken from different matters."""

QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to talk about. `settle` completes "Settle in this call: "; `ask` is a question to the customer."""

    key: str
    matter: Matter
    settle: str
    ask: str
    because: Text


@dataclass(frozen=True, slots=True)
class _Words:
    matter: Matter
    settle: str
    ask: str


_PLAYS: Mapping[PlayKey, _Words] = {
    "open_sev1": _Words(
        "issue",
        "what tides them over until the SEV1 is fixed, and when they hear next",
        "What does the open SEV1 stop you from doing today, and what would tide you over?",
    ),
    "overdue_promise": _Words(
        "promise",
        "a new day for what we owe them, or that it is done",
        "We are late with what we promised. What does that hold up at your side?",
    ),
    "renewal": _Words(
        "contract",
        "whether they renew, and what they still need to see for it",
        "Who decides on the renewal, by when, and what do they still need to see?",
    ),
    "onboarding_milestone": _Words(
        "onboarding",
        "the day on which the current milestone of the onboarding is done",
        "What stands between you and the current milestone, and whom do you need for it?",
    ),
    "overdue_tickets": _Words(
        "issue",
        "an owner and a day for each late ticket",
        "Which of the open tickets hurts you most?",
    ),
    "usage_decline": _Words(
        "risk",
        "why they use the product less",
        "You use the product less than a month ago. What has changed?",
    ),
    "missed_meetings": _Words(
        "risk",
        "the day of the next review, and who comes",
        "Our last meetings did not suit you. What would make them worth your time?",
    ),
    "champion_departure": _Words(
        "risk",
        "who speaks for the product now",
        "Who takes over the work with our product, and whom should we meet first?",
    ),
    "low_adoption": _Words(
        "risk",
        "which teams should be using their seats",
        "Which teams were meant to work with the product, and what keeps them from it?",
    ),
    "budget_cuts": _Words(
        "risk",
        "what the product must be shown to save or earn",
        "Which numbers will the budget be judged by, and which of them do we move?",
    ),
    "error_spike": _Words(
        "issue",
        "which calls fail, and who looks at them on both sides",
        "More of your calls fail this week. What did you change, and what do your users notice?",
    ),
    "three_declines": _Words(
        "risk",
        "whether the work that the product was bought for goes on",
        "Your use has shrunk for three months. Is the work behind it still going on?",
    ),
    "gone_quiet": _Words(
        "risk",
        "who still works with the product",
        "We have not had a question from you for a while. Who works with the product now, and what for?",
    ),
    "onboarding_stalled": _Words(
        "onboarding",
        "the one step that is stuck, and a date to sit down on it",
        "What are you waiting for, and can we sit down on it this week?",
    ),
    "success_plan": _Words(
        "risk",
        "the dated milestones that would show value",
        "What would you have to see within 90 days to call this a success?",
    ),
    "product_gap": _Words(
        "issue",
        "which of the missing features they cannot do without",
        "Which missing feature matters most, and what do you do without it?",
    ),
    "expansion": _Words(
        "growth",
        "what they want to do next with the product",
        "What would you like to do next that the product does not do for you yet?",
    ),
}
"""What the plays of the playbook mean for a call; the others are for colleagues alone."""

_FACTS: Mapping[ComponentKey, str] = {
    "nps": "How likely are you to recommend us, from 0 to 10, and why?",
    "outcomes": "What were you buying the product for, and where does that stand?",
    "champion": "Who among you speaks for the product inside the company?",
    "dau": "How many of you work with the product, and how many should?",
    "api_calls": "Which of your systems call our API, and how much do you expect of them next month?",
    "feature_adoption": "Which of our features do you use, and which did you give up on?",
    "outreach": "Which meetings with us would be worth your time, and who should come?",
}
"""What a customer can be asked where a component is unknown."""


def topics(found: Findings, actions: Sequence[ActionData], work: OpenWork) -> tuple[Topic, ...]:
    """All there is to talk about, what matters most first; there is always something to ask."""
    by_play = [
        Topic(action.key, words.matter, words.settle, words.ask, action.because)
        for action in actions
        if (words := _PLAYS.get(action.key)) is not None
    ]
    late = [*_their_promises(work), *_goals_in_doubt(work, found)]
    urgent = [topic for topic in by_play if topic.matter in ("issue", "promise", "contract", "onboarding")]
    others = sorted((topic for topic in by_play if topic not in urgent), key=lambda topic: topic.key == "success_plan")
    return (*urgent, *others[:1], *late, *_unknown(found), *others[1:], *_always(found))


def questions(found: Sequence[Topic]) -> tuple[Topic, ...]:
    """The questions to ask: of each matter the first, then the next ones."""
    firsts = {topic.matter: topic for topic in reversed(found)}
    ordered = [topic for topic in found if firsts[topic.matter] is topic]
    ordered += [topic for topic in found if firsts[topic.matter] is not topic]
    return tuple(ordered[:QUESTIONS])


def _their_promises(work: OpenWork) -> Iterator[Topic]:
    for clock in work.overdue("customer"):
        what = shortened(clock.promise.what)
        settle, ask = "what they owe us, and until when", f"What keeps “{what}”, and how can we help?"
        yield Topic(f"promise.{clock.promise.id}", "promise", settle, ask, text("theirs, ", clock.told()))


def _goals_in_doubt(work: OpenWork, found: Findings) -> Iterator[Topic]:
    """Goals that are not on track, and those of which nobody knows."""
    for goal in work.goals:
        reason = _doubt(goal, found)
        if reason:
            ask = f"Where does “{shortened(goal.title)}” stand, and what is missing for it?"
            yield Topic(f"goal.{goal.id}", "goal", "where their goal stands", ask, text(reason))


def _doubt(goal: Goal, found: Findings) -> str:
    if goal.status is None:
        return "the goal has no status"
    if goal.status in ("at_risk", "missed"):
        return f"the goal is {goal.status.replace('_', ' ')}"
    return f"the goal was due {goal.due} and is not achieved" if past_due(goal, found.case.as_of) else ""


def _unknown(found: Findings) -> Iterator[Topic]:
    """What the customer could tell, the fact that decides the tier first."""
    if found.case.begins is not None:
        return
    decides = found.decided_by
    for key in sorted(COMPONENTS, key=lambda key: key != decides):
        if found.case.scores.components[key].state[found.case.row] == UNKNOWN and key in _FACTS:
            label = COMPONENT_LABELS[key]
            missing = found.case.component_missing(key) or ""
            weight = "it decides the tier" if key == decides else "it is missing in the score"
            settle = f"what nobody here knows: {label}"
            yield Topic(key, "unknown", settle, _FACTS[key], text(f"{label} is unknown ({missing}), and {weight}"))


def _always(found: Findings) -> Iterator[Topic]:
    """Questions for any call."""
    case = found.case
    talk = last_talk(found.snapshot, case.as_of)
    since = f"the last conversation on record was on {talk.date}" if talk else "no conversation is on record"
    settle = "what has changed at their side"
    yield Topic("change", "change", settle, "What has changed at your side since we last spoke?", text(since))
    if case.account.renewal_date is None:
        ask = "When does your contract year end, and who decides on going on?"
        yield Topic("renewal", "contract", "when they decide", ask, text("no renewal date is on record"))
    settle, ask = "who else should be met", "Who else works with the product, or pays for it, and should know us?"
    people = len([contact for contact in found.snapshot.contacts if contact.left_on is None])
    known = "no contact is on record" if not people else "the more people know us, the less hangs on one"
    yield Topic("people", "growth", settle, ask, text(known))
    settle, ask = "what would make the next 90 days a success", "What would make the next 90 days a success for you?"
    yield Topic("success", "goal", settle, ask, text("a customer buys outcomes, not features"))
