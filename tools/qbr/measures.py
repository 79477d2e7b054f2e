"""The measures of use that a review tells, by the usage models that they apply to."""

from dataclasses import dataclass

from app.domain.records import UsageModel


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of `usage_figures`, what it is called, and to which usage models it applies."""

    name: str
    label: str
    models: tuple[UsageModel, ...]
    in_percent: bool = True  # a change is told in percent, else by its direction


MEASURES = (
    Measure("calls", "API calls", ("api", "hybrid")),
    Measure("mean_users", "People active on a working day", ("seats", "hybrid")),
    Measure("peak_users", "Most people active on one day", ("seats", "hybrid")),
    Measure("error_share", "Share of API calls that failed", ("api", "hybrid"), in_percent=False),
)
