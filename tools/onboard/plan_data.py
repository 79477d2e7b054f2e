"""The plan for programs."""

from collections.abc import Sequence

from app.domain.first_value import first_value_figures
from tools.onboard.data import GoalData, PartData, PlanData, QuestionData, ReadingData, RiskData, StepData
from tools.onboard.plan import Step
from tools.onboard.slips import waited
from tools.onboard.told import Told, missing_data


def plan_data(told: Told) -> PlanData:
    stage = told.material.stage
    phases = told.material.case.parameters.onboarding.phases
    ttv = first_value_figures(told.material.case.portfolio, told.material.first_use, told.material.case.row)["ttv.days"]
    return PlanData(
        account_id=told.material.account.id,
        standing=told.standing,
        day=stage.day if stage else None,
        phase=phases.index(stage.phase) + 1 if stage and stage.day else None,
        kept=told.is_kept,
        steps=step_data(told.plan.steps if told.plan else ()),
        waited={party or "unnamed": number for party, number in waited(told.material.slips).items()},
        risks=tuple(RiskData(key=r.key, label=r.label, seen=r.seen, do=r.do) for r in told.risks),
        questions=tuple(
            QuestionData(key=a.question.key, ask=a.question.ask, answer=told.answer(a) or None) for a in told.answers
        ),
        goals=tuple(
            GoalData(
                id=g.id,
                title=g.title,
                metric=g.metric,
                baseline=g.baseline,
                target=g.target,
                current=g.current,
                due=g.due,
            )
            for g in told.material.goals
        ),
        parts=tuple(
            PartData(
                stakeholder=part.stakeholder,
                people=tuple(c.name or c.id for c in part.people) if told.with_names else (),
                missing=part.is_missing,
            )
            for part in told.parts
        ),
        ttv_days=ttv.value if isinstance(ttv.value, int) else None,
        missing=missing_data(told),
    )


def step_data(steps: Sequence[Step]) -> tuple[StepData, ...]:
    return tuple(
        StepData(
            code=step.code,
            title=step.milestone.title,
            phase=step.milestone.phase,
            owner=step.milestone.owner,
            planned=step.milestone.planned,
            due=step.milestone.due,
            acceptance=step.milestone.acceptance,
            state=step.state,
            done_on=step.done_on,
            done_by=step.by,
            late=step.late,
            left=step.left,
            whose=step.whose,
            waits_for=step.waits_for,
            readings=tuple(
                ReadingData(
                    measure=each.measure.kind, least=each.measure.least, holds=each.holds, on=each.on, seen=each.seen
                )
                for each in step.readings
            ),
        )
        for step in steps
    )
