"""The verdict on one renewal: where it stands, what decides it, what to do next, in twelve lines at most."""

from app.domain.blocks import Tone, Verdict
from app.domain.figures import Text, text
from app.domain.snapshot import PortfolioSnapshot
from tools.health.actions import missing_data
from tools.health.indicators import INDICATORS
from tools.health.wording import INDICATOR_LABELS, counted, listing
from tools.renewal.case import RenewalCase, step_figures
from tools.renewal.steps import next_step

TONES: dict[str, Tone] = {"green": "good", "yellow": "warning", "red": "bad", "unknown": "warning"}
NAMED = 3


def verdict(case: RenewalCase, below: PortfolioSnapshot | None) -> Verdict:
    """`below` are the accounts below a parent."""
    if not case.is_customer:
        return _no_customer(case)
    lines = (
        _health(case),
        _contract(case),
        _data_first(case),
        _plan(case),
        _blockers(case),
        value_line(case),
        _people(case),
        _commit(case),
        _below(below),
        _next(case),
    )
    return Verdict(tone=_tone(case), headline=_headline(case), lines=tuple(line for line in lines if line))


def _tone(case: RenewalCase) -> Tone:
    if case.at_risk or case.is_lapsed:
        return "bad"
    if case.term is None or any(step.overdue for step in case.steps) or (case.commit and case.commit.is_risk):
        return "warning"
    return TONES[case.tier]


def _no_customer(case: RenewalCase) -> Verdict:
    name, figures = case.account.name, case.found.figures
    if case.account.lifecycle == "churned":
        ended = text(" The contract ended on ", figures["renewal.date"], ".") if "renewal.date" in figures else ()
        headline = text(f"{name} has churned: there is no renewal to run.", ended)
        win_back = f"What was learned: /health {case.account.id} handover. A new start is a new contract, for Sales."
        return Verdict(tone="neutral", headline=headline, lines=(text(win_back),))
    told = text(f"{name} is not a customer yet: the contract starts on ", figures["contract.begins"], ".")
    lines = (text("The plan of the renewal begins with the contract."),)
    if "renewal.date" in figures:
        first = text("Its first renewal is on ", figures["renewal.date"], ", with notice until ")
        lines = (text(first, figures["renewal.decision_date"], "."),)
    return Verdict(tone="neutral", headline=told, lines=lines)


def _headline(case: RenewalCase) -> Text:
    name, dates, term = case.account.name, case.dates, case.term
    risk = "at risk, " if case.at_risk else ""
    if term is None:
        if case.account.renewal_date is None:
            return text(f"{name}: {risk}no renewal date is on record, so nothing can be planned")
        ended = text(" ended on ", case.found.figures["renewal.date"])
        return text(f"{name}: {risk}the term on record", ended, " and renewed by itself; its length is not on record")
    if term.lapsed is not None:
        lapsed = counted(dates["lapsed"], "day", "days")
        return text(
            f"{name}: {risk}lapsed by ", lapsed, ": the contract ended on ", dates["renewal"], " and is not renewed"
        )
    renews = text("renews by itself on ", dates["renewal"]) if term.renews else text("renewal ", dates["renewal"])
    left = counted(dates["to_renewal"], "day", "days")
    if term.decision_over(case.found.case.as_of):
        over = text("the last day for notice, ", dates["decision"], ", is over")
        return text(f"{name}: {risk}", over, "; ", renews, " (in ", left, ")")
    to_decision = counted(dates["to_decision"], "day", "days")
    return text(f"{name}: {risk}they decide by ", dates["decision"], " (in ", to_decision, "); ", renews)


def _health(case: RenewalCase) -> Text:
    found, figures = case.found, case.found.figures
    scored = figures["health.score"].value is not None
    score = (
        text(", ", figures["health.score"], " of 100") if scored else text(", coverage ", figures["health.coverage"])
    )
    triggered = [INDICATOR_LABELS[key].lower() for key in INDICATORS if found.triggered(key)]
    causes = f" ({listing(triggered)})" if triggered else ""
    return text(f"Health {case.tier}", score, f"; churn level {case.level}{causes}.")


def _contract(case: RenewalCase) -> Text:
    """ARR, whether it renews by itself, and the notice: told plainly."""
    arr, account, term = text("ARR ", case.found.figures["arr"]), case.account, case.term
    if account.auto_renew is None:
        renews = "whether it renews by itself is not on record: read the contract"
    elif account.auto_renew:
        length = f" for {account.term_months} months" if account.term_months else ""
        renews = f"renews by itself{length} unless notice is given"
    else:
        renews = "does not renew by itself: unsigned, it ends"
    notice = (
        "the notice period is not on record" if account.notice_days is None else f"notice {account.notice_days} days"
    )
    rolled = " The term on record is over; these are the dates of the one that runs." if term and term.rolled else ""
    return text(arr, f"; {renews}; {notice}.{rolled}")


def _data_first(case: RenewalCase) -> Text:
    """Without a tier the data comes before the plan."""
    if case.tier != "unknown":
        return ()
    lacking = missing_data(case.found)[:NAMED]
    what = f" ({'; '.join(lacking)})" if lacking else ""
    return text(
        f"Data first: without a tier nobody knows which track to run{what}. All that is missing: "
        f"/health {case.account.id}."
    )


def _plan(case: RenewalCase) -> Text:
    """What became of the overdue steps."""
    late = [step for step in case.steps if step.overdue]
    done = sum(step.state == "done" for step in case.steps)
    if not late:
        return text(f"Plan: {done} of {len(case.steps)} steps done, none overdue.") if case.steps else ()
    parts = [
        f"{number} {words}"
        for state, words in (("kept", "to do now"), ("merged", "merged"), ("dropped", "dropped"))
        if (number := sum(step.state == state for step in late))
    ]
    return text(f"Plan entered late: {done} of {len(case.steps)} steps done, {len(late)} overdue: {listing(parts)}.")


def _blockers(case: RenewalCase) -> Text:
    if not case.blockers:
        return text("No blocker on record.")
    number = case.stated.number(
        "renewal.blockers",
        "Blockers of the renewal",
        len(case.blockers),
        "count",
        "open tickets and escalations of the gravest severities, overdue promises of ours, failed integrations, "
        "blocking requests, signals",
    )
    first = case.blockers[0]
    return text("In the way: ", counted(number, "blocker", "blockers"), "; first ", first.what, f" ({first.owner}).")


def value_line(case: RenewalCase) -> Text:
    delivered, reach, roi = (case.value[key] for key in ("value.delivered", "value.in_reach", "value.roi"))
    if delivered.value is None and reach.value is None:
        valued = any(goal.value_amount is not None for goal in case.goals)
        lack = "no goal with a worth is reached or on track" if valued else "no goal has a worth on record"
        return text(f"Value: {lack}; find it with the customer before anybody speaks of price.")
    in_reach = text("; in reach ", reach) if reach.value is not None else ()
    if roi.value is None:
        return text("Value against ARR: none proven yet", in_reach, ".")
    return text("Value against ARR: ", delivered, " delivered ÷ ", case.found.figures["arr"], " = ", roi, in_reach, ".")


def _people(case: RenewalCase) -> Text:
    deciders = listing([case.name_of(each) for each in case.decision_makers[:NAMED]])
    champions = listing([case.name_of(each) for each in case.champions[:NAMED]])
    decides = f"Decides: {deciders}" if deciders else "Who decides is unknown"
    return text(f"{decides}; {f'champion: {champions}' if champions else 'no champion'}.")


def _commit(case: RenewalCase) -> Text:
    if case.commit is None or not case.usage or case.commit.missing:
        return ()
    risk = f": a risk, under {case.parameters.commit.below:g} %" if case.commit.is_risk else ""
    part = " (only the part of the term that the feed reaches)" if case.commit.late_start else ""
    share = text(case.usage["share"], " of the calls committed to so far are used")
    return text("Usage contract: ", share, f"{risk}{part}.")


def _below(below: PortfolioSnapshot | None) -> Text:
    lines = [account for account in below.accounts if account.lifecycle != "churned"] if below is not None else []
    if not lines:
        return ()
    told = [f"{each.name} ({each.renewal_date or 'date unknown'})" for each in lines[:NAMED]]
    more = f" and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return text(f"Product lines below have renewals of their own: {', '.join(told)}{more}.")


def _next(case: RenewalCase) -> Text:
    step = next_step(case.steps)
    if step is None:
        if case.term is None:
            return text("Next: put the renewal date, the term and the notice period on record (accounts.csv).")
        return text("Next: put the dates of the new term on record; every step of this one is settled.")
    day = step_figures(case.found.case, step)["do_by"]
    return text(f"Next: {step.step.title}. {case.told(step.step)} {step.step.owner}, by ", day, ".")
