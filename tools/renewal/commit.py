"""Usage contracts: the calls used in the term against what was committed to by now."""

import datetime as dt
from dataclasses import dataclass

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.periods import Period
from app.domain.records import Account
from app.domain.snapshot import DailyUsage
from app.domain.usage_periods import PeriodUse, usage_figures, use_in
from tools.renewal.parameters import Commit
from tools.renewal.terms import Term, months_between


@dataclass(frozen=True, slots=True)
class CommitUse:
    """What was used, and the commit for the same days; both and `share` (percent) None where `missing` says why.

    The days are `use.first` to `use.last`; they begin after the term where the feed does not reach back to its start.
    """

    use: PeriodUse | None
    months: float | None
    committed: float | None
    share: float | None
    is_risk: bool
    missing: str

    @property
    def late_start(self) -> bool:
        """Whether the feed begins after the term does."""
        return self.use is not None and self.use.first is not None and self.use.first > self.use.period.first


def commit_use(
    account: Account, term: Term | None, daily: DailyUsage | None, as_of: dt.date, rules: Commit
) -> CommitUse | None:
    """None where the account has no usage contract: elsewhere the monthly quota is a limit and no commitment."""
    quota = account.api_quota_monthly
    if account.usage_model not in rules.models:
        return None
    if not quota:
        return _unknown("the monthly quota of the contract is not on record")
    if term is None or term.starts is None:
        return _unknown("neither the length of the term nor its start is on record")
    if term.starts > as_of:
        return _unknown("the term has not begun")
    if term.lapsed is not None:
        as_of = term.renewal
    if daily is None or not daily.last:
        return _unknown("no usage data is connected")
    use = use_in(daily, Period("term", term.starts, as_of, 0))
    if use.first is None or use.last is None or use.calls is None:
        return _unknown("no API calls are on record for the term")
    months = months_between(use.first, use.last + dt.timedelta(days=1))
    committed = quota * months
    share = 100 * use.calls / committed
    early = months < rules.min_months
    missing = "too little of the term is known to tell" if early else ""
    return CommitUse(use, months, committed, share, not early and share < rules.below, missing)


def commit_figures(account: Account, as_of: dt.date, found: CommitUse) -> dict[str, Figure]:
    """Calls used, months and commit of the term so far, and the share, by short name; none where it is not known."""
    use, months = found.use, found.months
    if use is None or months is None or use.first is None or use.last is None:
        return {}
    span = f"{use.first} to {use.last}"
    used = usage_figures(account.id, as_of, use)["calls"]
    made_of = (Evidence(kind="accounts", id=account.id), Evidence(kind="figures", id=used.key))

    def stated(name: str, label: str, value: float | None, unit: str, rule: str) -> Figure:
        return account_figure(account.id, as_of, f"renewal.commit.{name}", label, value, unit, rule, made_of)

    rule = f"{account.api_quota_monthly:,} calls a month × {months:.2f} months, {span}"
    return {
        "used": used,
        "months": stated("months", "Months of the term measured", months, "count", f"whole and part months, {span}"),
        "committed": stated("calls", "Calls committed to so far", found.committed, "calls", rule),
        "share": stated("share", "Use of the commit so far", found.share, "%", f"100 × calls used ÷ {rule}"),
    }


def _unknown(missing: str) -> CommitUse:
    return CommitUse(None, None, None, None, False, missing)
