"""What hangs on an account's champions: ARR, decision and renewal; told to every reader alike."""

import datetime as dt

from app.domain.figures import Figure, Text, text
from tools.champion.cover import Told
from tools.champion.data import AccountData


def at_stake(told: Told) -> Text:
    """ARR, and when the customer decides and renews."""
    found = told.figures
    stake = text("At stake: ARR ", found["arr"])
    if lapsed := found.get("renewal.days_lapsed"):
        return text(stake, "; the contract lapsed ", lapsed, " days ago, on ", found["renewal.date"], ".")
    if "renewal.date" not in found:
        return text(stake, "; no renewal date is on record.")
    if "renewal.days_to_decision" not in found:
        return text(stake, "; the term ended on ", found["renewal.date"], " and renews by itself.")
    days = found["renewal.days_to_decision"]
    if isinstance(days.value, int) and days.value < 0:
        return text(
            stake,
            "; the decision date ",
            found["renewal.decision_date"],
            " is past, renewal on ",
            found["renewal.date"],
            ".",
        )
    decision = text("decision by ", found["renewal.decision_date"], ", in ", days, " days")
    return text(stake, "; ", decision, "; renewal on ", found["renewal.date"], ".")


def account_data(told: Told) -> AccountData:
    """The account's data without anything of one person."""
    found = told.figures
    return AccountData(
        account=told.account.id,
        cover=told.cover,
        champions=len(told.champions),
        candidates=len(told.candidates),
        departed=len(told.departed),
        arr=_number(found["arr"]),
        currency=found["arr"].unit,
        decision_date=_day(found.get("renewal.decision_date")),
        renewal_date=_day(found.get("renewal.date")),
        sev1_open=told.incident is not None,
        people_hidden=not told.ctx.sees_people,
    )


def _number(figure: Figure) -> float | None:
    return float(figure.value) if isinstance(figure.value, int | float) else None


def _day(figure: Figure | None) -> dt.date | None:
    return figure.value if figure is not None and isinstance(figure.value, dt.date) else None
