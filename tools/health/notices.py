"""What the reader must know of the data behind an account's health."""

from collections.abc import Mapping, Sequence

from app.domain.blocks import Notice, Tone
from app.domain.figures import Text, text
from tools.health import selections
from tools.health.findings import Findings
from tools.health.parameters import ComponentKey
from tools.health.wording import COMPONENT_LABELS, counted, feeds_named, listing

IMPOSSIBLE: Mapping[ComponentKey, str] = {
    "dau": "more active users than licensed seats",
    "feature_adoption": "more features used than available",
}


def notices(found: Findings) -> list[Notice]:
    """Feeds that lag, a contract that lapsed, fields that are assumed, and numbers that cannot be right."""
    told = [*_feed_notices(found), *_contract_notices(found), *_data_notices(found)]
    return [Notice(tone=tone, text=words) for tone, words in told]


def _feed_notices(found: Findings) -> list[tuple[Tone, Text]]:
    """One notice for all feeds that end on the same day."""
    by_day: dict[object, list[str]] = {}
    for table, feed in found.feeds.items():
        by_day.setdefault(feed.last_day.value, []).append(table)
    return [_feeds_behind(found, tables) for tables in by_day.values()]


def _feeds_behind(found: Findings, tables: Sequence[str]) -> tuple[Tone, Text]:
    last, lag = found.feeds[tables[0]]
    one = len(tables) == 1
    days = text(" (", counted(lag, "day", "days"), f" before {found.case.as_of}): ")
    behind = text(f"{feeds_named(tables)} {'ends' if one else 'end'} ", last, days)
    if found.case.portfolio.feeds.usable(tables[0])[found.case.row]:
        return "neutral", text(behind, f"{'its' if one else 'their'} windows end on that day.")
    return "warning", text(behind, "too old to tell, so what depends on it is unknown.")


def _contract_notices(found: Findings) -> list[tuple[Tone, Text]]:
    case, figures = found.case, found.figures
    notices: list[tuple[Tone, Text]] = []
    if "renewal.days_lapsed" in figures and case.account.lifecycle != "churned":
        lapsed = text("The contract lapsed ", counted(figures["renewal.days_lapsed"], "day", "days"), " ago")
        notices.append(("bad", text(lapsed, ", and the account is neither renewed nor churned on record.")))
    if case.account.renewal_date is not None and case.account.notice_days is None:
        words = "No notice period is on record: the renewal date is taken as the decision date."
        notices.append(("neutral", text(words)))
    if "arr.mismatch" in figures:
        words = "The account's own ARR differs from the sum of its movements by "
        notices.append(("warning", text(words, figures["arr.mismatch"], ".")))
    return notices


def _data_notices(found: Findings) -> list[tuple[Tone, Text]]:
    case = found.case
    notices: list[tuple[Tone, Text]] = []
    if case.portfolio.assumed_since[case.row] > 0:
        words = f"The account's fields are first on record after {case.as_of}: seats, stage, dates and ARR are assumed."
        notices.append(("neutral", text(words)))
    notices += [("warning", words) for words in _impossible_shares(found)]
    misdated = selections.tickets_misdated(case.portfolio) & (case.portfolio.tickets.account == case.row)
    if misdated.any():
        ids = listing([str(ticket) for ticket in case.portfolio.tickets.id[misdated]])
        notices.append(("warning", text(f"Resolved before they were opened, so left out of resolution times: {ids}.")))
    return notices


def _impossible_shares(found: Findings) -> list[Text]:
    """Shares above 100 %: they earn full points, and something in the data is wrong."""
    words = []
    for key, over in IMPOSSIBLE.items():
        share = found.case.known(found.case.scores.components[key].measure)
        if key in found.components and share is not None and share > 1:
            told = text(f"{COMPONENT_LABELS[key]}: ", found.component_seen(key), f": {over}. Check the account's data.")
            words.append(told)
    return words
