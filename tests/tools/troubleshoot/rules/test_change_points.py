"""Steps are found where they are; noise, drifts and daily waves are none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import parameters
from tools.troubleshoot.rules.change_points import Rise, level_rise, rate_rise, unlikeliness

LEAST = parameters().change


def draw(rates: list[float], count: int, seed: int) -> Rise | None:
    """What is found in failures drawn at these rates, one for each span of time with so many calls on average."""
    random = np.random.default_rng(seed)
    counts = random.poisson(count, len(rates))
    return rate_rise(random.binomial(counts, rates).astype(float), counts.astype(float), LEAST)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.002, 0.01, 0.05, 0.3, 1.0]),
    st.sampled_from([3, 30, 1_000]),
    st.sampled_from([6, 30, 200]),
)
def test_a_constant_rate_has_no_step(seed: int, rate: float, count: int, places: int) -> None:
    assert draw([rate] * places, count, seed) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.01, 0.02, 0.1, 0.3]), st.integers(15, 45))
def test_three_times_the_rate_is_found_within_one_span(seed: int, rate: float, start: int) -> None:
    found = draw([rate] * start + [3 * rate] * (60 - start), 1_000, seed)
    assert found is not None
    assert found.start is not None
    assert abs(found.start - start) <= 1
    assert found.before == pytest.approx(rate, rel=0.3)
    assert found.after == pytest.approx(3 * rate, rel=0.3)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(0.01, 0.1), (0.02, 0.08), (0.0, 0.3)]), st.sampled_from([60, 200]))
def test_a_drift_is_no_step(seed: int, ends: tuple[float, float], places: int) -> None:
    assert draw([float(each) for each in np.linspace(*ends, places)], 2_000, seed) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_daily_wave_is_no_step(seed: int) -> None:
    wave = 0.01 + 0.045 * (1 - np.cos(2 * np.pi * np.arange(288) / 144))
    assert draw([float(each) for each in wave], 1_000, seed) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_burst_has_a_start_and_an_end(seed: int) -> None:
    found = draw([0.01] * 50 + [0.4] * 20 + [0.01] * 50, 200, seed)
    assert found is not None
    assert (found.start, found.end) == (50, 70)


@pytest.mark.parametrize("seed", range(20))
def test_a_log_that_begins_within_the_failures_has_an_end_only(seed: int) -> None:
    found = draw([0.5] * 20 + [0.01] * 40, 100, seed)
    assert found is not None
    assert (found.start, found.end) == (None, 20)
    assert found.after == pytest.approx(0.5, rel=0.2)


@pytest.mark.parametrize(
    ("failures", "counts"),
    [
        ([0] * 20 + [1] * 9, 100),  # too few failures
        ([0] * 58 + [60] * 2, 100),  # two spans are a peak
        ([100] * 30 + [150] * 30, 1_000),  # less than twice as much
        ([0] * 30 + [20] * 30, 100_000),  # a rate that nobody sees
        ([], 1),
        ([50], 100),
        ([0, 0, 0], 0),
    ],
)
def test_what_is_too_little(failures: list[int], counts: int) -> None:
    assert rate_rise(np.array(failures, dtype=float), np.full(len(failures), float(counts)), LEAST) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.03, 0.1, 0.2]))
def test_levels(seed: int, noise: float) -> None:
    around = np.random.default_rng(seed).normal(5, noise, 90)
    assert level_rise(np.exp(around), LEAST) is None
    assert level_rise(np.exp(around + np.linspace(0, 1.5, 90)), LEAST) is None
    found = level_rise(np.exp(around + np.repeat([0.0, 1.0], 45)), LEAST)
    assert found is not None
    assert found.start is not None
    assert abs(found.start - 45) <= 2
    assert found.after / found.before == pytest.approx(np.e, rel=0.2)


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [((10, 100), (10, 100), False), ((0, 0), (5, 10), False), ((90, 100), (1, 100), True), ((0, 100), (50, 100), True)],
)
def test_unlikeliness(one: tuple[int, int], other: tuple[int, int], far: bool) -> None:
    assert (unlikeliness(*one, *other) > 10) is far
    assert unlikeliness(*one, *other) >= -1e-9


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=40))
def test_any_series_is_looked_at(pairs: list[tuple[int, int]]) -> None:
    failures = np.array([min(pair) for pair in pairs], dtype=float)
    counts = np.array([max(pair) for pair in pairs], dtype=float)
    found = rate_rise(failures, counts, LEAST)
    assert found is None or 0 <= found.before < found.after <= 1
