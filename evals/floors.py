"""Floors: what each metric of an eval must reach."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

FILE = Path(__file__).with_name("floors.yaml")


class Floor(BaseModel):
    """The least or the most that a metric may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether the value is within the limits."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        limits = (("at least", self.at_least), ("at most", self.at_most))
        return ", ".join(f"{name} {limit:g}" for name, limit in limits if limit is not None)


Floors = Mapping[str, Mapping[str, Floor]]
"""The floors of each eval, by metric."""


def load_floors() -> Floors:
    """The floors of floors.yaml."""
    return TypeAdapter(dict[str, dict[str, Floor]]).validate_python(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def missed(metrics: Mapping[str, float], floors: Mapping[str, Floor]) -> list[str]:
    """The floors that the metrics miss. A metric that was not measured misses its floor."""
    return [name for name, floor in floors.items() if name not in metrics or not floor.holds(metrics[name])]
