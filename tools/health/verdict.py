"""The verdict on one account: what is so, why, and what to do next, in twelve lines at most."""

from app.domain.blocks import Tone, Verdict
from app.domain.figures import Ref, Text, text
from tools.health.actions import AT_RISK, due_ref
from tools.health.data import ActionData
from tools.health.findings import Findings
from tools.health.indicators import INDICATORS
from tools.health.onboarding import stage
from tools.health.parameters import ComponentKey
from tools.health.scoring import COMPONENTS
from tools.health.wording import COMPONENT_LABELS, INDICATOR_LABELS, WATCH_LABELS, counted, listing

TONES: dict[str, Tone] = {"green": "good", "yellow": "warning", "red": "bad", "unknown": "neutral"}
LOSSES_TOLD = 3


def verdict(found: Findings, actions: tuple[ActionData, ...], below: Text = ()) -> Verdict:
    """Tier, score and band; then why, and the first of the actions. A renewal to settle comes before all else.

    `below` tells of the accounts below a parent.
    """
    if "contract.begins" in found.figures:
        return _not_yet(found, below)
    score = (_stage_line(found), _churn_line(found), _watch_line(found), _points_line(found), _decision_line(found))
    contract = contract_line(found)
    renewal_first = any(action.key == "renewal" for action in actions)
    lines = (contract, *score) if renewal_first else (*score, contract)
    told = tuple(line for line in (*lines, below, _next_line(found, actions)) if line)
    return Verdict(tone=tone_of(found), headline=_headline(found), lines=told)


def tone_of(found: Findings) -> Tone:
    """Bad where the churn level is high, else as the tier says; neutral where there is no customer yet."""
    if found.case.begins is not None:
        return "neutral"
    return "bad" if found.level in AT_RISK else TONES[found.tier]


def _not_yet(found: Findings, below: Text) -> Verdict:
    """An account that was no customer yet: nothing is at risk, and nothing is to be done."""
    case = found.case
    told = f": not a customer yet on {case.as_of} (contract starts "
    headline = text(case.account.name, told, found.figures["contract.begins"], ")")
    return Verdict(tone="neutral", headline=headline, lines=(below,) if below else ())


def _headline(found: Findings) -> Text:
    figures, case = found.figures, found.case
    low, high = figures["health.band.low"], figures["health.band.high"]
    band = text("band ", low, "–", high)
    coverage = text("coverage ", figures["health.coverage"])
    name = text(case.account.name, " (churned): " if case.account.lifecycle == "churned" else ": ")
    if found.tier == "unknown":
        return text(name, "Unknown, ", coverage, " is too little for a score (", band, ")")
    firm = ", provisional" if case.scores.provisional[case.row] else ""
    score = text(name, f"{found.tier.capitalize()}{firm}, ", figures["health.score"], " of 100")
    return text(score, ", ", coverage) if low.value == high.value else text(score, " (", band, "), ", coverage)


def _stage_line(found: Findings) -> Text:
    case = found.case
    now = stage(case.account, case.as_of, case.parameters.onboarding)
    if now is None:
        return ()
    if now.day is None:
        return text(f"Onboarding, contract start unknown: {now.phase.name}.")
    days, ends = case.parameters.onboarding.days, found.figures["onboarding.phase_end"]
    when = text("Onboarding, day ", found.figures["onboarding.day"], f" of {days}")
    if now.day > days:
        return text(when, f", past its end: {now.phase.name} was due by ", ends, ".")
    return text(when, f": {now.phase.name}, until ", ends, ".")


def _churn_line(found: Findings) -> Text:
    """The level, what triggered and what raised it, and how far the unknown indicators could take it."""
    case, row, churn = found.case, found.case.row, found.case.churn
    lowest, highest = churn.lowest[row], churn.highest[row]
    if found.level == "unknown":
        few = f"fewer than {case.parameters.churn.min_known} of the {len(INDICATORS)} indicators are known"
        return text(f"Churn level unknown: {few} ({lowest} to {highest}).")
    triggered = [INDICATOR_LABELS[key].lower() for key in INDICATORS if found.triggered(key)]
    what = f"{listing(triggered)} triggered" if triggered else "no indicator triggered"
    lifts = (("the red score", churn.lifted_by_red[row]), ("the decision date", churn.lifted_by_date[row]))
    causes = [cause for cause, lifted in lifts if lifted]
    raised = f", raised by {listing(causes)}" if causes else ""
    told = text(f"Churn level {found.level}: {what}{raised}")
    if not churn.unknown[row]:
        return text(told, ".")
    reach = f" (up to {highest} if triggered)" if highest != lowest else ""
    return text(told, "; unknown indicators: ", found.figures["churn.indicators.unknown"], f"{reach}.")


def _watch_line(found: Findings) -> Text:
    watching = [WATCH_LABELS[key].lower() for key in found.case.watching]
    return text(f"Watch beside it: {listing(watching)}.") if watching else ()


def _points_line(found: Findings) -> Text:
    """Where the points are lost: the components that cost most."""
    case = found.case
    lost = {
        key: float(case.scores.components[key].max[case.row]) - (case.known(case.scores.components[key].points) or 0.0)
        for key in COMPONENTS
        if found.points[key] is not None
    }
    costly = [key for key in sorted(lost, key=lambda key: -lost[key]) if lost[key] > 0][:LOSSES_TOLD]
    parts = [
        text(
            f"{COMPONENT_LABELS[key]} ", Ref(figure=f"health.{key}.points", account_id=case.account.id), _of(found, key)
        )
        for key in costly
    ]
    if not parts:
        return ()
    return text("Costs most: ", *(span for part in parts[:-1] for span in (*part, ", ")), *parts[-1], ".")


def _of(found: Findings, key: ComponentKey) -> str:
    return f" of {found.case.scores.components[key].max[found.case.row]:g}"


def _decision_line(found: Findings) -> Text:
    """Which missing field decides the tier."""
    key = found.decided_by
    if key is None:
        return ()
    missing = found.case.component_missing(key)
    most = f"{found.case.scores.components[key].max[found.case.row]:g}"
    lowest, highest = found.band_tiers
    reach = f"The band lies between {lowest} and {highest}"
    return text(f"{reach}; {COMPONENT_LABELS[key]} ({most} points) decides: {missing}.")


def contract_line(found: Findings) -> Text:
    """ARR, and when the contract is decided on."""
    figures, case = found.figures, found.case
    arr = text("ARR ", figures["arr"])
    if "renewal.date" not in figures:
        return text(arr, "; no renewal date on record.")
    renewal = figures["renewal.date"]
    if case.account.lifecycle == "churned":
        return text(arr, "; the contract ended or ends on ", renewal, ".")
    if "renewal.days_lapsed" in figures:
        ago = counted(figures["renewal.days_lapsed"], "day", "days")
        return text(arr, "; the contract lapsed ", ago, " ago, on ", renewal, ".")
    if "renewal.days_to_decision" not in figures:
        return text(arr, "; the term on record ended on ", renewal, ", and the contract renews by itself.")
    decision, left = figures["renewal.decision_date"], counted(figures["renewal.days_to_decision"], "day", "days")
    if case.account.decision_date is not None and case.account.decision_date < case.as_of:
        return text(arr, "; the decision date ", decision, " is over, renewal ", renewal, ".")
    return text(arr, "; decision date ", decision, " (in ", left, "), renewal ", renewal, ".")


def _next_line(found: Findings, actions: tuple[ActionData, ...]) -> Text:
    if not actions:
        return ()
    first = actions[0]
    return text(f"Next: {first.text} {first.stakeholder}, by ", due_ref(found, first), ".")
