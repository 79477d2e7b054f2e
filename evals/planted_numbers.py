"""The eval of the check on a model's text: no planted lie reaches the reader, and the true sentences do."""

from dataclasses import dataclass

from pydantic_evals.evaluators import EvaluationReason, Evaluator, EvaluatorContext
from pydantic_evals.reporting import ReportCase

from app.agent.verify import Material, verify
from app.render.text import to_text
from evals.planted_cases import Expected, Judgement, PlantedNumbers, Shown, Written, judge, load_planted_numbers
from evals.scored import Scored
from evals.worlds import load_worlds

WIDTH = 10_000
"""Wide enough that no line is broken, so that a piece of the text is found where it stands."""


def check(written: Written) -> Shown:
    """What the reader gets to see of a text."""
    world = load_worlds()[written.world]
    verified = verify(written.text, Material(world.figures, world.passages, world.accounts, world.report))
    return Shown(shown=to_text(verified.blocks, world.figures, WIDTH), dropped=verified.dropped)


@dataclass
class Arrivals(Evaluator[Written, Expected | Shown, None]):
    """Whether a lie reached the reader, and whether all that is true did."""

    def evaluate(self, ctx: EvaluatorContext[Written, Expected | Shown, None]) -> dict[str, EvaluationReason]:
        judgement = _judgement(ctx.inputs, ctx.expected_output, ctx.output)
        return {
            "no lie": EvaluationReason(not judgement.lies, _quoted(judgement.lies)),
            "all true": EvaluationReason(not judgement.missing, _quoted(judgement.missing)),
        }


async def run() -> Scored:
    """Check every text of the dataset."""
    dataset: PlantedNumbers = load_planted_numbers()
    dataset.add_evaluator(Arrivals())
    report = await dataset.evaluate(check, name="planted numbers", progress=False)
    judged = {case.name: _judgement_of(case) for case in report.cases}
    true = sum(
        len(case.expected_output.arrives) for case in dataset.cases if isinstance(case.expected_output, Expected)
    )
    failed = [failure.expected_output for failure in report.failures]
    missing = sum(len(judgement.missing) for judgement in judged.values())
    missing += sum(len(expected.arrives) for expected in failed if isinstance(expected, Expected))
    return Scored(
        report=report,
        wrong=frozenset(name for name, judgement in judged.items() if judgement.lies or judgement.missing),
        metrics={
            "lies_arrived": sum(len(judgement.lies) for judgement in judged.values()),
            "true_sentences": 1 - missing / true,
            "errors": len(report.failures),
        },
    )


def _judgement_of(case: ReportCase[Written, Expected | Shown, None]) -> Judgement:
    return _judgement(case.inputs, case.expected_output, case.output)


def _judgement(written: Written, expected: Expected | Shown | None, output: Expected | Shown) -> Judgement:
    if not isinstance(expected, Expected) or not isinstance(output, Shown):
        raise TypeError("a case expects pieces of its text, and the check gives what is shown")
    return judge(load_worlds()[written.world], expected, output.shown)


def _quoted(pieces: tuple[str, ...]) -> str | None:
    return "; ".join(repr(piece) for piece in pieces) or None
