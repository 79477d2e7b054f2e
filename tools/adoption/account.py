"""The answer for one account: how far it is with each feature, its quota, the signs of growth, and what to do next."""

from collections.abc import Iterator

from app.domain.blocks import Block, Checklist, Column, Heading, Notice, Table, Task
from app.domain.command import Context, Needs, Report
from app.domain.figures import Text, joined, text
from tools.adoption.arguments import AdoptionArgs
from tools.adoption.data import AccountAdoption, FeatureData, NextPlanData, QuotaData, SignalData
from tools.adoption.features import FeatureCase, tactic_of
from tools.adoption.parameters import SAID_DAYS, AdoptionParameters
from tools.adoption.quota_section import draft_blocks, quota_blocks
from tools.adoption.signal_table import signal_blocks
from tools.adoption.signals import Signal
from tools.adoption.study import Study, study
from tools.adoption.telling import Telling
from tools.adoption.verdict import no_customer, verdict
from tools.health.wording import counted, feeds_named

COLUMNS = ("Feature", "Stage", "Next step", "Held back by")
NO_NUMBER = "How many features they could use is not on record (accounts.features_available): no share is told."


def needs(args: AdoptionArgs) -> Needs:
    """The account day by day, and the other customers for what they use."""
    return Needs(
        account=args.account,
        portfolio=True,
        daily=True,
        feedback=True,
        voices_since=SAID_DAYS - 1,
        parameters_of=("health", "feedback"),
    )


def report(ctx: Context, parameters: AdoptionParameters) -> Report:
    """Adoption of the context's account. A customer who left, or is none yet, gets no advice."""
    if ctx.feature_days is None:
        raise ValueError("/adoption needs the daily use of features")
    telling = Telling(study(ctx, parameters), ctx.feature_days, ctx.audience)
    case = telling.found.found.case
    if case.begins is not None or case.account.lifecycle == "churned":
        blocks: tuple[Block, ...] = (no_customer(telling),)
    else:
        blocks = (
            verdict(telling),
            *_features(telling),
            *signal_blocks(telling),
            *_todo(telling),
            *quota_blocks(telling),
            *_notices(telling),
            *draft_blocks(telling),
        )
    return Report(_data(telling.found), blocks, telling.figures)


def _features(telling: Telling) -> Iterator[Block]:
    found, most = telling.found, telling.parameters.features_shown
    if not found.cases:
        return
    yield Heading(
        text=text("Features and next steps" if found.features_current else f"Features as of {found.features_on}")
    )
    shown, left = found.cases[:most], len(found.cases) - most
    more = text(f"{left} more are in the data.") if left > 0 else ()
    columns = tuple(Column(label=label) for label in COLUMNS)
    yield Table(columns=columns, rows=tuple(_row(telling, case) for case in shown), more=more)


def _row(telling: Telling, case: FeatureCase) -> tuple[Text, ...]:
    hold, stage = tactic_of(case, telling.parameters), telling.parameters.stages[case.use.stage]
    telling.features.stage(case)
    held = joined((telling.features.says(case, key) for key in case.holds), "; ")
    return text(case.name), text(stage.customer), text(hold.customer if hold else "–"), held or text("nothing")


def _todo(telling: Telling) -> Iterator[Block]:
    plays = telling.plays()
    if plays:
        yield Heading(text=text("What to do next"))
        yield Checklist(
            items=tuple(Task(text=words, owner=play.owner, due=telling.due_day(play)) for play, words in plays)
        )


def _notices(telling: Telling) -> Iterator[Notice]:
    """Feeds that end before the day, one notice for those that end on the same; and what cannot be seen."""
    found, feeds = telling.found, telling.found.found.feeds
    usable = found.snapshot.columns.feeds.usable
    by_day: dict[object, list[str]] = {}
    for table in _told_tables(found):
        if table in feeds:
            by_day.setdefault(feeds[table].last_day.value, []).append(table)
    for tables in by_day.values():
        last, lag = (telling.keep(figure) for figure in feeds[tables[0]])
        current = bool(usable(tables[0])[0])
        so = "windows end with them" if current else "too old to tell what is so now"
        told = text(f"{feeds_named(tables)} end on ", last, ", ", counted(lag, "day", "days"))
        yield Notice(tone="neutral" if current else "warning", text=text(told, f" before {found.as_of}: {so}."))
    if words := _unseen(found):
        yield Notice(tone="neutral", text=text(words))


def _told_tables(found: Study) -> Iterator[str]:
    """The feeds that tell something of the account."""
    columns = found.snapshot.columns
    if columns.usage.users_first[0] or columns.usage.calls_first[0]:
        yield "usage"
    if columns.features_first[0]:
        yield "feature_usage"


def _unseen(found: Study) -> str:
    """What cannot be seen of the features available."""
    available, known = found.available, len(found.cases)
    if not found.features_on:
        return ""
    if available is None:
        return NO_NUMBER
    if known < available:
        return f"Names are known for {known} of the {available} features: no account of yours used the others."
    return ""


def _data(found: Study) -> AccountAdoption:
    step, first = found.next_plan, found.next_feature
    return AccountAdoption(
        id=found.account.id,
        name=found.account.name,
        used=found.used,
        available=found.available,
        names_known=len(found.cases),
        enough=found.enough,
        features_known_on=found.features_on,
        features_current=found.features_current,
        features=tuple(_feature(case, found.parameters) for case in found.cases),
        next_feature=first.name if first else None,
        signals=tuple(_signal(each) for each in found.signals),
        quota=_quota(found),
        next_plan=NextPlanData(name=step.plan.name, headroom=step.headroom, cost=step.cost, ratio=step.ratio)
        if step
        else None,
        hold_off=found.hold_off,
    )


def _quota(found: Study) -> QuotaData:
    quota = found.quota
    return QuotaData(
        state=quota.state,
        because=quota.because,
        monthly=quota.quota,
        used=quota.used,
        used_share=quota.used_share,
        projected_share=quota.projected_share,
        limit_on=quota.limit_on,
        right_size=found.right_size,
    )


def _feature(case: FeatureCase, parameters: AdoptionParameters) -> FeatureData:
    hold, use = tactic_of(case, parameters), case.use
    return FeatureData(
        name=case.name,
        stage=use.stage,
        weeks=use.weeks,
        first_production=use.first_production,
        last_production=use.last_production,
        holds=case.holds,
        tactic=hold.tactic if hold else None,
        worth=case.worth,
    )


def _signal(signal: Signal) -> SignalData:
    return SignalData(
        key=signal.key,
        state=signal.state,
        evidence=tuple(each.evidence for each in signal.shown),
        missing=signal.missing,
    )
