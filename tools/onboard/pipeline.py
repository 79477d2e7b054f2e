"""/onboard without an account: every account in onboarding, or about to begin, the most overdue first."""

from dataclasses import dataclass

from app.domain.blocks import Block, Heading, Tone, Verdict
from app.domain.command import Context, Needs, Report
from app.domain.figures import Figure, Text, text
from app.domain.first_value import first_value_figures
from tools.health import HealthParameters, assess
from tools.health.case import Assessment
from tools.health.figures import account_figures
from tools.health.onboarding import stage
from tools.health.wording import counted
from tools.onboard.arguments import OnboardArgs
from tools.onboard.data import PipelineData, PipelineRow
from tools.onboard.material import LISTED, Material, of_portfolio, parameters_of
from tools.onboard.plan import Plan, Step, plan_of
from tools.onboard.standing import Standing, standing_of, weeks
from tools.onboard.verdict import waiting
from tools.onboard.words import due_of, late_of, step_name, table, turn_words

MOST_NAMED = 3
"""So many accounts are named in a line."""

ORDER: tuple[Standing, ...] = ("running", "undated", "ahead")


@dataclass(frozen=True, slots=True)
class Line:
    """One account of the pipeline; `first` is the milestone to look at: the longest overdue, else the next."""

    material: Material
    standing: Standing
    plan: Plan | None
    figures: dict[str, Figure]

    @property
    def is_kept(self) -> bool:
        return self.plan is not None and self.plan.kept

    @property
    def overdue(self) -> tuple[Step, ...]:
        return self.plan.overdue if self.plan is not None and self.standing == "running" else ()

    @property
    def first(self) -> Step | None:
        if self.plan is None:
            return None
        if self.overdue:
            return self.overdue[0]
        return self.plan.next or next(iter(self.plan.unknown), None)

    @property
    def next(self) -> Step | None:
        """The milestone that is due next, of those whose day is not over."""
        return self.plan.next if self.plan is not None else None

    @property
    def phase(self) -> int | None:
        """Its number, from 1; None where it is not in onboarding."""
        now, phases = self.material.stage, self.material.case.parameters.onboarding.phases
        return phases.index(now.phase) + 1 if now is not None and self.standing == "running" else None

    @property
    def unknown(self) -> int:
        """Milestones past their day of which nothing on record tells."""
        return len(self.plan.unknown) if self.plan is not None and self.standing == "running" else 0

    @property
    def order(self) -> tuple[int, int, str]:
        late = -self.overdue[0].late if self.overdue else 0
        return ORDER.index(self.standing), late, self.material.account.name


def needs() -> Needs:
    return Needs(portfolio=True, first_use=True, records=LISTED, parameters_of=("health",))


def report(ctx: Context, args: OnboardArgs) -> Report:
    """The accounts in onboarding, with the filters of the arguments."""
    found = _lines(ctx, args)
    most = parameters_of(ctx).most_rows
    shown = found[:most]
    figures: dict[tuple[str, str | None], Figure] = {}
    rows = [_row(line, figures) for line in shown]
    blocks: list[Block] = [_verdict(found, figures)]
    if rows:
        labels = ("Account", "Day", "Weeks", "Next milestone", "Due", "Overdue", "Turn", "Time to value", "Owner")
        more = (
            text(f"Not shown: {len(found) - most} more; narrow it with owner= or segment=.")
            if len(found) > most
            else ()
        )
        blocks += [Heading(text=text("Onboarding pipeline")), table(labels, rows, more)]
    data = PipelineData(accounts=tuple(_data(line) for line in shown), not_shown=max(len(found) - most, 0))
    return Report(data, tuple(blocks), tuple(figures.values()))


def _lines(ctx: Context, args: OnboardArgs) -> list[Line]:
    portfolio, health = ctx.portfolio, ctx.others.get("health")
    if portfolio is None or not isinstance(health, HealthParameters):
        raise TypeError("the pipeline needs the portfolio and the parameters of /health in its context")
    assessed = assess(portfolio, health)
    rows = [row for row in range(len(portfolio)) if _is_in(assessed, row, args)]
    lines = []
    for material in of_portfolio(ctx, assessed, rows):
        standing = standing_of(material)
        if standing in ORDER:
            lines.append(Line(material, standing, plan_of(material), account_figures(material.case)))
    return sorted(lines, key=lambda line: line.order)


def _is_in(assessed: Assessment, row: int, args: OnboardArgs) -> bool:
    """Whether an account is in onboarding, or has not begun, and passes the filters."""
    portfolio = assessed.portfolio
    account = portfolio.accounts[row]
    for given, own in ((args.owner, account.owner), (args.segment, account.segment)):
        if given is not None and given.casefold() != (own or "").casefold():
            return False
    if account.lifecycle == "churned":
        return False
    plan = assessed.case(row, "").parameters.onboarding
    return bool(portfolio.begins[row]) or stage(account, portfolio.as_of, plan) is not None


def _verdict(found: list[Line], figures: dict[tuple[str, str | None], Figure]) -> Verdict:
    if not found:
        why = text("An account is in onboarding for its first 90 days, or while its lifecycle says so.")
        return Verdict(tone="neutral", headline=text("No account is in onboarding"), lines=(why,))
    running = [line for line in found if line.standing == "running"]
    late, blind = [line for line in running if line.overdue], [line for line in running if line.unknown]
    noun = "account is" if len(running) == 1 else "accounts are"
    state, tone = _state(running, late, blind)
    headline = text(f"{len(running)} {noun} in onboarding{f', {state}' if running else ''}")
    lines = [_late_line(line, figures) for line in late[:MOST_NAMED]]
    if blind:
        words = "no plan is kept, and nothing on record tells of milestones past their day"
        lines.append(text(f"{len(blind)} accounts: {words}. Sign what was done: /onboard ACCOUNT done M1."))
    for standing, words in (("undated", "Without a contract start, so without days"), ("ahead", "About to begin")):
        names = [line.material.account.name for line in found if line.standing == standing]
        if names:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            lines.append(text(f"{words}: {', '.join(names[:MOST_NAMED])}{more}."))
    lines += [each for each in (_next_line(running, figures), _look_line(late)) if each]
    return Verdict(tone=tone, headline=headline, lines=tuple(lines))


def _state(running: list[Line], late: list[Line], blind: list[Line]) -> tuple[str, Tone]:
    if late:
        return f"{len(late)} with an overdue milestone", "bad"
    if blind:
        return "none known to be late", "warning"
    return "all on track", "good" if running else "neutral"


def _late_line(line: Line, figures: dict[tuple[str, str | None], Figure]) -> Text:
    step = line.overdue[0]
    by = _stated(figures, late_of(line.material, step, kept=line.is_kept))
    named = f"{line.material.account.name}: {step_name(step)} by "
    return text(named, counted(by, "working day", "working days"), f", turn: {turn_words(step)}.")


def _look_line(late: list[Line]) -> Text:
    return text(f"Next step: /onboard {late[0].material.account.id}") if late else ()


def _next_line(running: list[Line], figures: dict[tuple[str, str | None], Figure]) -> Text:
    """The milestone that is due next of all whose day is not over."""
    due = [(step.milestone.due, line.material.account.name, line, step) for line in running if (step := line.next)]
    if not due:
        return ()
    _, name, line, step = min(due, key=lambda each: each[:2])
    day = _stated(figures, due_of(line.material, step, kept=line.is_kept))
    return text(f"Due next: {name}, {step_name(step)}, on ", day, f", turn: {turn_words(step)}.")


def _row(line: Line, figures: dict[tuple[str, str | None], Figure]) -> tuple[Text, ...]:
    account, step, is_running = line.material.account, line.first, line.standing == "running"
    due: Text = text("no contract start" if line.plan is None else "–")
    if step is not None:
        due = text(_stated(figures, due_of(line.material, step, kept=line.is_kept)))
    return (
        text(account.name),
        _day(line, figures),
        text(weeks(line.material, line.phase) if line.phase else "–"),
        text(step_name(step) if step is not None else "every milestone is done" if line.plan else "–"),
        due,
        _late(line, figures),
        text(turn_words(step) if step is not None and is_running else "–"),
        _value(line, figures),
        text(account.owner or "nobody"),
    )


def _day(line: Line, figures: dict[tuple[str, str | None], Figure]) -> Text:
    """The day of onboarding; before it, the day on which it begins."""
    if "onboarding.day" in line.figures and line.standing == "running":
        return text(_stated(figures, line.figures["onboarding.day"]))
    if "contract.begins" in line.figures:
        return text("from ", _stated(figures, line.figures["contract.begins"]))
    return text("–")


def _late(line: Line, figures: dict[tuple[str, str | None], Figure]) -> Text:
    """Working days of the longest overdue, and how many are; else how many nothing tells of."""
    if not line.overdue:
        return text(f"{line.unknown} not known" if line.unknown else "–")
    more = f" ({len(line.overdue)} in all)" if len(line.overdue) > 1 else ""
    return text(_stated(figures, late_of(line.material, line.overdue[0], kept=line.is_kept)), more)


def _value(line: Line, figures: dict[tuple[str, str | None], Figure]) -> Text:
    """Time to value, or how long it has taken so far."""
    material = line.material
    ttv = first_value_figures(material.case.portfolio, material.first_use, material.case.row)["ttv.days"]
    if ttv.value is not None:
        return text(counted(_stated(figures, ttv), "day", "days"))
    if line.standing != "running" or material.account.contract_start is None:
        return text("–")
    return text(counted(_stated(figures, waiting(material)), "day", "days"), " so far")


def _stated(figures: dict[tuple[str, str | None], Figure], figure: Figure) -> Figure:
    return figures.setdefault((figure.key, figure.account_id), figure)


def _data(line: Line) -> PipelineRow:
    material, step, now = line.material, line.first, line.material.stage
    ttv = first_value_figures(material.case.portfolio, material.first_use, material.case.row)["ttv.days"].value
    so_far = waiting(material).value if line.standing == "running" and ttv is None else None
    return PipelineRow(
        account_id=material.account.id,
        name=material.account.name,
        owner=material.account.owner,
        standing=line.standing,
        day=now.day if now else None,
        phase=line.phase,
        next=step.code if step else None,
        next_due=step.milestone.due if step else None,
        overdue=tuple(each.code for each in line.overdue),
        whose=step.whose if step else None,
        done=sum(each.is_done for each in line.plan.steps) if line.plan else 0,
        total=len(line.plan.steps) if line.plan else 0,
        ttv_days=ttv if isinstance(ttv, int) else None,
        waiting_days=so_far if isinstance(so_far, int) else None,
    )
