"""The eval of /troubleshoot: what is diagnosed from what customers paste, against what a colleague would say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic_evals import Case as EvalCase
from pydantic_evals import Dataset
from pydantic_evals.evaluators import EvaluationReason, Evaluator, EvaluatorContext
from pydantic_evals.evaluators.report_evaluator import ReportEvaluator, ReportEvaluatorContext
from pydantic_evals.reporting import ReportCase
from pydantic_evals.reporting.analyses import TableResult

from app.domain.yaml_text import load_yaml
from evals.diagnosis_cases import Expected, Outcome, Pasted, Stated, load_diagnosis
from evals.scored import Scored, share
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import Found, diagnose
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.questions import missing
from tools.troubleshoot.reading.file import read_file
from tools.troubleshoot.reading.prose import read_statement
from tools.troubleshoot.reading.text import read_text
from tools.troubleshoot.rules.catalogue import RULES

PARAMETERS = Path(__file__).parents[1] / "tools" / "troubleshoot.yaml"

CONTEXTS = frozenset(rule.id for rule in RULES if rule.role == "context")

Judged = tuple[Pasted, Outcome]
"""A case, and what the engine made of it."""


def outcome_of(pasted: Pasted) -> Outcome:
    """What the engine makes of a case."""
    case = case_of(pasted)
    diagnosed = diagnose(case)
    return Outcome(
        side=diagnosed.side,
        stated=tuple(map(_stated, (*diagnosed.causes, *diagnosed.contexts))),
        questions=missing(case, diagnosed),
    )


def case_of(pasted: Pasted) -> Case:
    """The case that the rules look at: the message, then its files, as the command reads them."""
    readings = [read_text(pasted.message)]
    readings += [read_file(file.name, [file.text.encode("utf-8")]) for file in pasted.files]
    artifacts = tuple(artifact for reading in readings for artifact in reading.artifacts)
    return Case(
        now=pasted.now,
        as_of=pasted.on_day,
        artifacts=artifacts,
        statement=read_statement(artifacts),
        parameters=_parameters(),
        known=pasted.account.known() if pasted.account else None,
        mark="eval",
    )


@cache
def _parameters() -> TroubleshootParameters:
    return TroubleshootParameters.model_validate(load_yaml(PARAMETERS.read_text(encoding="utf-8")))


def _stated(found: Found) -> Stated:
    return Stated(rule=found.rule.id, role=found.rule.role, certainty=found.finding.certainty)


def false_findings(expected: Expected, outcome: Outcome) -> list[str]:
    """What is named as likely or known and is neither a cause nor right to name too."""
    return [each.rule for each in outcome.stated if each.is_claimed and each.rule not in expected.right]


def wrong_known(expected: Expected, outcome: Outcome) -> list[str]:
    """What is stated as known and is not so."""
    return [each.rule for each in outcome.stated if each.certainty == "known" and each.rule not in expected.right]


def unproven_known(expected: Expected, outcome: Outcome) -> list[str]:
    """Causes that are stated as known and may be so, but that the artifacts do not prove."""
    return [
        each.rule
        for each in outcome.stated
        if each.certainty == "known"
        and each.role == "cause"
        and each.rule in expected.right
        and each.rule not in expected.known
    ]


@dataclass
class Judge(Evaluator[Pasted, Expected | Outcome, None]):
    """Whether the causes, the side and what is stated as known are right. Questions are scored, not judged."""

    def evaluate(self, ctx: EvaluatorContext[Pasted, Expected | Outcome, None]) -> dict[str, EvaluationReason]:
        expected, outcome = ctx.inputs.expect, _outcome(ctx.output)
        absent = [cause for cause in expected.causes if cause not in outcome.named]
        overstated = wrong_known(expected, outcome) + unproven_known(expected, outcome)
        false = false_findings(expected, outcome)
        return {
            "causes named": EvaluationReason(not absent, " ".join(absent) or None),
            "nothing false": EvaluationReason(not false, " ".join(false) or None),
            "first": EvaluationReason(not expected.causes or outcome.first == expected.causes[0]),
            "side": EvaluationReason(outcome.side == expected.side),
            "known": EvaluationReason(not overstated, " ".join(overstated) or None),
        }


@dataclass(repr=False)
class ByRule(ReportEvaluator[Pasted, Expected | Outcome, None]):
    """Precision and recall of each rule, over all cases."""

    def evaluate(self, ctx: ReportEvaluatorContext[Pasted, Expected | Outcome, None]) -> TableResult:
        return TableResult(
            title="Rules",
            columns=["rule", "cases", "named", "first", "claimed", "false", "precision", "recall"],
            rows=rows_by_rule([_judged(case) for case in ctx.report.cases]),
        )


def rows_by_rule(judged: Sequence[Judged]) -> list[list[str | int | float | bool | None]]:
    """For each rule: the cases in which it is due, in which it was named and came first; claims, and false ones."""
    cases = Counter(rule for pasted, _ in judged for rule in (*pasted.expect.causes, *contexts_of(pasted)))
    named = Counter(
        rule
        for pasted, outcome in judged
        for rule in (*pasted.expect.causes, *contexts_of(pasted))
        if rule in outcome.named
    )
    first = Counter(pasted.expect.causes[0] for pasted, outcome in judged if _comes_first(pasted, outcome))
    claimed = Counter(each.rule for _, outcome in judged for each in outcome.stated if each.is_claimed)
    false = Counter(rule for pasted, outcome in judged for rule in false_findings(pasted.expect, outcome))
    return [
        [
            rule,
            cases[rule],
            named[rule],
            first[rule],
            claimed[rule],
            false[rule],
            _ratio(claimed[rule] - false[rule], claimed[rule]),
            _ratio(named[rule], cases[rule]),
        ]
        for rule in sorted(cases | claimed)
    ]


def contexts_of(pasted: Pasted) -> list[str]:
    """The contexts that are right to name."""
    return [rule for rule in pasted.expect.also if rule in CONTEXTS]


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def _comes_first(pasted: Pasted, outcome: Outcome) -> bool:
    return bool(pasted.expect.causes) and outcome.first == pasted.expect.causes[0]


async def run() -> Scored:
    """Diagnose every case. Of those that are held out only the metrics tell."""
    dataset = Dataset[Pasted, Expected | Outcome, None](
        name="diagnosis",
        cases=[
            EvalCase(name=name, inputs=pasted, expected_output=pasted.expect)
            for name, pasted in load_diagnosis().items()
        ],
        evaluators=[Judge()],
        report_evaluators=[ByRule()],
    )
    report = await dataset.evaluate(outcome_of, name="diagnosis", max_concurrency=1, progress=False)
    judged = [_judged(case) for case in report.cases]
    return Scored(
        report=report,
        wrong=frozenset(case.name for case in report.cases if not _is_right(case) and not case.inputs.held_out),
        metrics={
            "wrong_known": sum(len(wrong_known(pasted.expect, outcome)) for pasted, outcome in judged),
            "unproven_known": sum(len(unproven_known(pasted.expect, outcome)) for pasted, outcome in judged),
            **_metrics("tuned", [each for each in judged if not each[0].held_out]),
            **_metrics("held", [each for each in judged if each[0].held_out]),
            "errors": len(report.failures),
        },
    )


def _metrics(prefix: str, judged: Sequence[Judged]) -> dict[str, float]:
    """The shares of README.md over these cases."""
    shares: dict[str, Iterable[bool]] = {
        "precision": (each.rule in p.expect.right for p, o in judged for each in o.stated if each.is_claimed),
        "recall": (cause in o.named for p, o in judged for cause in p.expect.causes),
        "first": (_comes_first(p, o) for p, o in judged if p.expect.causes),
        "side": (o.side == p.expect.side for p, o in judged),
        "proven": (_is_stated_known(p.expect.causes[0], o) for p, o in judged if _is_proven(p.expect)),
        "contexts": (rule in o.named for p, o in judged for rule in contexts_of(p)),
        "questions": (set(o.questions) == set(p.expect.questions) for p, o in judged),
    }
    overlaps = [overlap(p.expect.questions, o.questions) for p, o in judged]
    return {
        **{f"{prefix}_{name}": share(values) for name, values in shares.items()},
        f"{prefix}_overlap": sum(overlaps) / len(overlaps) if overlaps else 1.0,
    }


def overlap(expected: Iterable[str], got: Iterable[str]) -> float:
    """The Jaccard index: what both hold, as a share of what either holds; 1 where both are empty."""
    both, either = set(expected) & set(got), set(expected) | set(got)
    return len(both) / len(either) if either else 1.0


def _is_proven(expected: Expected) -> bool:
    return bool(expected.causes) and expected.causes[0] in expected.known


def _is_stated_known(cause: str, outcome: Outcome) -> bool:
    return any(each.rule == cause and each.certainty == "known" for each in outcome.stated)


def _is_right(case: ReportCase[Pasted, Expected | Outcome, None]) -> bool:
    return all(result.value for result in case.assertions.values())


def _judged(case: ReportCase[Pasted, Expected | Outcome, None]) -> Judged:
    return case.inputs, _outcome(case.output)


def _outcome(output: Expected | Outcome) -> Outcome:
    if not isinstance(output, Outcome):
        raise TypeError("the engine gives an outcome")
    return output
