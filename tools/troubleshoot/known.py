"""What is on record of the account that a diagnosis may use: by the same makers as in every other command."""

from collections.abc import Iterator, Mapping

from app.domain.command import Context
from app.domain.figures import Evidence, Figure, account_figure
from app.domain.snapshot import AccountSnapshot
from tools.adoption.plans import own_plan
from tools.adoption.quota import Quota, quota_figures, quota_of
from tools.health import HealthParameters, assess
from tools.health.watch_inputs import watch_inputs
from tools.troubleshoot.case import Known

RATE_LIMIT = "plan.rate_limit"
ERRORS = ("errors", "calls", "share", "base_share")
"""Of the inputs of /health's watch over failed calls."""


def known(ctx: Context) -> Known | None:
    """What is on record of the context's account; None where no account is named."""
    snapshot, health = ctx.account, ctx.others.get("health")
    if snapshot is None:
        return None
    if not isinstance(health, HealthParameters):
        raise TypeError("/troubleshoot needs the parameters of /health in its context")
    account = snapshot.account
    quota, errors = _quota(ctx, snapshot), _errors(snapshot, health, ctx.currency)
    limit = _rate_limit(snapshot)
    return Known(
        account_id=account.id,
        name=account.name,
        plan=account.plan,
        quota_monthly=quota.quota if quota else account.api_quota_monthly,
        rate_limit=_whole(limit),
        used_this_month=None if quota is None or quota.used is None else round(quota.used),
        integrations=tuple(_integrations(snapshot)),
        region=account.region,
        error_rate_7=_share(errors.get("share")),
        error_rate_28=_share(errors.get("base_share")),
        figures=(
            *(quota_figures(snapshot, quota).values() if quota else ()),
            *([limit] if limit is not None else ()),
            *errors.values(),
        ),
    )


def _quota(ctx: Context, snapshot: AccountSnapshot) -> Quota | None:
    return None if ctx.daily is None else quota_of(snapshot.account, ctx.daily, snapshot.as_of)


def _errors(snapshot: AccountSnapshot, health: HealthParameters, currency: str) -> Mapping[str, Figure]:
    """Calls and failed calls as /health counts them; nothing of accounts without calls, or where they are unknown."""
    inputs = watch_inputs(assess(snapshot.columns, health).case(0, currency)).get("error_spike", {})
    return {name: inputs[name] for name in ERRORS if name in inputs and inputs[name].value is not None}


def _rate_limit(snapshot: AccountSnapshot) -> Figure | None:
    """The plan's calls a minute; None where it is not on record."""
    plan = own_plan(snapshot.account, snapshot.plans)
    if plan is None or plan.rate_limit is None:
        return None
    evidence = (Evidence(kind="plans", id=plan.name),)
    label, rule = f"Rate limit of the plan {plan.name}, calls a minute", "the plan's own field"
    return account_figure(
        snapshot.account.id, snapshot.as_of, RATE_LIMIT, label, plan.rate_limit, "calls", rule, evidence
    )


def _integrations(snapshot: AccountSnapshot) -> Iterator[str]:
    for each in snapshot.integrations:
        auth = f" ({each.auth})" if each.auth else ""
        place = f", {each.environment}" if each.environment != "production" else ""
        status = f", {each.status}" if each.status else ""
        yield f"{each.kind}{auth}{place}{status}"


def _share(percent: Figure | None) -> float | None:
    """A figure in percent as a share."""
    return percent.value / 100 if percent is not None and isinstance(percent.value, int | float) else None


def _whole(figure: Figure | None) -> int | None:
    return figure.value if figure is not None and isinstance(figure.value, int) else None
