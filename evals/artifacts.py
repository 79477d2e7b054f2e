"""The eval of reading artifacts: hostile ones neither crash a parser, nor hold it up, nor leak a secret."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext

from evals.hostile_artifacts import FAKES, hostile, mutations, with_secrets
from evals.scored import Scored
from tools.troubleshoot.facts.artifact import Reading
from tools.troubleshoot.reading.file import read_file
from tools.troubleshoot.reading.text import read_text

MUTATIONS = 600
MUTATIONS_SEED = 20_260_626
CHUNK_BYTES = 65_536
LONGEST_SECONDS = 2.0


class Read(BaseModel):
    """What became of an artifact: the seconds of the slower of both ways in, and the secrets that came out."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    leaked: tuple[str, ...]


@dataclass
class Harmless(Evaluator[bytes, Read, None]):
    """Whether it was read in time, and nothing leaked."""

    def evaluate(self, ctx: EvaluatorContext[bytes, Read, None]) -> dict[str, bool]:
        return {"in time": ctx.output.seconds <= LONGEST_SECONDS, "no secret": not ctx.output.leaked}


def read(artifact: bytes) -> Read:
    """Read an artifact as pasted text and as a file."""
    slowest, leaked = 0.0, set[str]()
    for way in (_as_text, _as_file):
        begin = time.process_time()
        reading = way(artifact)
        slowest = max(slowest, time.process_time() - begin)
        told = reading.model_dump_json()
        leaked.update(kind for kind, secret in FAKES.items() if secret in told)
    return Read(seconds=slowest, leaked=tuple(sorted(leaked)))


def _as_text(artifact: bytes) -> Reading:
    return read_text(artifact.decode("utf-8", errors="surrogateescape"))


def _as_file(artifact: bytes) -> Reading:
    return read_file("artifact.log", (artifact[n : n + CHUNK_BYTES] for n in range(0, len(artifact), CHUNK_BYTES)))


def artifacts(count: int = MUTATIONS) -> Iterator[tuple[str, bytes]]:
    """All of them, each by its name."""
    yield from hostile()
    yield from ((f"secrets in {name}", text.encode()) for name, text in with_secrets())
    for number, text in enumerate(mutations(MUTATIONS_SEED, count)):
        yield f"mutation {number}", text.encode("utf-8", errors="surrogatepass")


async def run() -> Scored:
    """Read every artifact."""
    cases: Sequence[Case[bytes, Read, None]] = [Case(name=name, inputs=each) for name, each in artifacts()]
    dataset = Dataset[bytes, Read, None](name="artifacts", cases=cases, evaluators=[Harmless()])
    report = await dataset.evaluate(read, name="artifacts", progress=False, max_concurrency=1)
    seconds = [case.output.seconds for case in report.cases]
    return Scored(
        report=report,
        wrong=frozenset(c.name for c in report.cases if c.output.leaked or c.output.seconds > LONGEST_SECONDS),
        metrics={
            "leaks": sum(bool(case.output.leaked) for case in report.cases),
            "slowest_seconds": max(seconds, default=0.0),
            "errors": len(report.failures),
        },
    )
