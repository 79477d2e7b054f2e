"""Rules of limits that no pause mends: the month's quota, and calls at the same time."""

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.limit_headers import quota_used_up, retry_after
from tools.troubleshoot.rules.limit_words import parallel_told, volume_told
from tools.troubleshoot.rules.pace import month_end, quota_clue, used_share
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refusals import TOO_MANY, refusals, status_clues
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote

_REFUSING = (402, 403, TOO_MANY)
_HOUR, _DAY = 3_600, 86_400


def quota_exhausted(case: Case) -> Finding | None:
    """The month's quota is used up: by the answer's words, its headers, or the record."""
    refused, said, header = refusals(case, *_REFUSING), volume_told(case), _used_up_by_header(case)
    share = used_share(case.known)
    over = share is not None and share >= 1 and any(each.status == TOO_MANY for each in refused)
    if not (said or header or over) or (said and said.source == "person" and not refused):
        return None
    against = _against_quota(case, share)
    quota = quota_clue(case) if over else None
    return Finding(
        _quota_certainty(said, by_header=header is not None, over=over, doubted=bool(against)),
        text("The month's quota is used up"),
        tuple(filter(None, (said.clue if said else None, header, quota, *status_clues(refused)))),
        against,
        values={"plan": case.known.plan if case.known and case.known.plan else "you have"},
        rank=5,
        rules_out=frozenset({"rate_limited"}),
    )


def concurrency_limited(case: Case) -> Finding | None:
    """The answer speaks of calls at the same time, not of calls a minute."""
    said, refused = parallel_told(case), refusals(case, TOO_MANY, 409, 503)
    if said is None or (said.source != "answer" and not refused):
        return None
    return Finding(
        said.certainty,
        text("Too many calls run at the same time"),
        (said.clue, *status_clues(refused)),
        rank=5,
        rules_out=frozenset({"rate_limited"}),
    )


def _quota_certainty(said: Quote | None, *, by_header: bool, over: bool, doubted: bool) -> Certainty:
    if by_header or (said is not None and said.source == "answer"):
        return "likely" if doubted else "known"
    return "likely" if over or (said is not None and said.source != "person") else "possible"


def _used_up_by_header(case: Case) -> Clue | None:
    """A header that says that nothing is left until the month's end."""
    end = (month_end(case.as_of) - case.now).total_seconds()
    for answer in calls(case):
        found = quota_used_up(answer.exchange) if answer.exchange.status in _REFUSING else None
        header, after = found or ("", None)
        if after is None:
            continue
        near = after > _DAY and abs(after - end) <= case.parameters.traffic.reset_near * _HOUR
        if near or header.endswith("-month"):
            return Clue(text(f"The header {header} is 0, and begins anew with the next month"), answer.place)
    return None


def _against_quota(case: Case, share: float | None) -> tuple[Clue, ...]:
    """That by the record the quota is not used up, or that Retry-After asks for a short pause."""
    on_record = quota_clue(case) if share is not None and share < 1 else None
    waits = ((retry_after(each.exchange), each.place) for each in calls(case) if each.exchange.status == TOO_MANY)
    short = next((place for wait, place in waits if wait is not None and wait < _HOUR), None)
    words = text("Retry-After asks for a short pause, and no pause fills a month's quota")
    return tuple(filter(None, (on_record, Clue(words, short) if short else None)))
