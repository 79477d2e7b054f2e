"""Use by month, as a chart: what the second slide of part 1 shows."""

from collections.abc import Iterator, Sequence

import numpy as np

from app.domain.blocks import Chart, Series
from app.domain.figures import Evidence, Figure, Ref, text
from app.domain.periods import Period
from app.domain.usage_periods import usage_figures, use_in
from tools.qbr.measures import MEASURES
from tools.qbr.review import Review, number

CHARTED = ("calls", "mean_users")
"""Of the measures that apply to an account, the first of these that is known is drawn."""


def by_month(review: Review) -> Chart | None:
    """A line over the whole months of the last year that are known: calls, else active users, else uses of features."""
    rules = review.parameters.rules
    months = review.quarters.months(rules.chart_months)
    for title, points in _lines(review, months):
        if len(points) >= rules.chart_least:
            review.stated.add(points.values())
            series = Series(
                label=title, points=tuple(Ref(figure=f.key, account_id=f.account_id) for f in points.values())
            )
            highest = max(points, key=lambda name: number(points[name]) or 0.0)
            note = text(f"Highest: {highest}, ", points[highest], ".")
            return Chart(
                title=text(f"{title} by month"), form="line", labels=tuple(points), series=(series,), note=note
            )
    return None


def _lines(review: Review, months: Sequence[Period]) -> Iterator[tuple[str, dict[str, Figure]]]:
    """Each measure's known points by month, the first choice first."""
    daily, as_of = review.ctx.daily, review.ctx.as_of
    if daily is not None and daily.day.size:
        uses = [use for month in months if (use := use_in(daily, month)).is_complete]
        made = {use.period.name: usage_figures(review.account.id, as_of, use) for use in uses}
        for measure in MEASURES:
            if measure.name in CHARTED and review.account.usage_model in measure.models:
                points = {name: figures[measure.name] for name, figures in made.items()}
                yield measure.label, {name: f for name, f in points.items() if number(f) is not None}
    yield "Uses of features", {f.key.rpartition(".")[2]: f for month in months if (f := _uses(review, month))}


def _uses(review: Review, month: Period) -> Figure | None:
    """How often features were used in a month; None where it is not known as a whole."""
    days = review.ctx.feature_days
    if days is None or not days.day.size or month.first.toordinal() < days.day[0] or month.last.toordinal() > days.last:
        return None
    inside = (days.day >= month.first.toordinal()) & (days.day <= month.last.toordinal())
    rows = int(inside.sum())
    evidence = (Evidence(kind="feature_usage", first=month.first, last=month.last, count=rows),) if rows else ()
    value, rule = float(np.nansum(days.count[inside])), "sum of the counts of the days"
    return review.stated.number(
        f"qbr.features.uses.{month.name}", f"Uses of features, {month.name}", value, "count", rule, evidence
    )
