"""Prometheus text: counters as they stand, percentiles of histograms, endings of OpenMetrics."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.facts.programs import MetricsSummary
from tools.troubleshoot.reading.histograms import quantile
from tools.troubleshoot.reading.prometheus import find_metrics

TEXT = """# HELP http_requests_total Requests by status.
# TYPE http_requests_total counter
http_requests_total{method="get",status="200"} 9000
http_requests_total{method="get",status="503"} 120
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{path="/orders",le="0.1"} 50
http_request_duration_seconds_bucket{path="/orders",le="0.5"} 90
http_request_duration_seconds_bucket{path="/orders",le="2"} 99
http_request_duration_seconds_bucket{path="/orders",le="+Inf"} 100
http_request_duration_seconds_sum{path="/orders"} 31.5
http_request_duration_seconds_count{path="/orders"} 100

# TYPE build_info gauge
build_info{version="2.4.1"} 1
# TYPE process_open_fds gauge
process_open_fds 1019
process_max_fds 1024 1782466200000
"""


def only(text: str) -> MetricsSummary:
    (piece,) = find_metrics(text)
    (fact,) = piece.facts
    assert isinstance(fact, MetricsSummary)
    return fact


def test_samples_that_tell_of_trouble_come_first() -> None:
    metrics = only(TEXT)
    assert metrics.families == 5
    names = [(sample.name, sample.labels.get("status"), sample.value) for sample in metrics.samples]
    assert names[:3] == [
        ("http_requests_total", "503", 120),
        ("process_open_fds", None, 1019),
        ("process_max_fds", None, 1024),
    ]
    assert ("build_info", None, 1) in names
    assert not any(name.endswith("_bucket") for name, _, _ in names)


def test_percentiles_are_interpolated_within_the_buckets() -> None:
    (piece,) = find_metrics(TEXT)
    metrics = only(TEXT)
    key = 'http_request_duration_seconds{path="/orders"}'
    assert metrics.counts == {key: 100}
    assert metrics.quantiles[key] == pytest.approx({"p50": 0.1, "p95": 0.5 + 1.5 * 5 / 9, "p99": 2.0})
    assert piece.notes == ("Percentiles of histograms are interpolated within their buckets.",)


def test_a_summary_and_other_units() -> None:
    text = """# TYPE rpc_milliseconds summary
rpc_milliseconds{quantile="0.5"} 20
rpc_milliseconds{quantile="0.99"} 4000
rpc_milliseconds_count 70
# TYPE answer_bytes histogram
answer_bytes_bucket{le="100"} 4
answer_bytes_bucket{le="+Inf"} 5
"""
    metrics = only(text)
    assert metrics.quantiles == {"rpc_milliseconds": {"p50": 0.02, "p99": 4.0}}
    assert metrics.counts == {"rpc_milliseconds": 70}


def test_openmetrics_with_exemplars_and_its_end() -> None:
    text = """# TYPE jobs counter
# UNIT jobs jobs
jobs_total{queue="a"} 17.0 # {trace_id="5b8aa5"} 0.67 1782466200.5
jobs_created{queue="a"} 1782466200.5
# EOF
"""
    metrics = only(text)
    assert [(sample.name, sample.value) for sample in metrics.samples] == [("jobs_total", 17.0)]
    (piece,) = find_metrics(text)
    assert (piece.first, piece.last) == (1, 5)


def test_only_its_own_lines_are_taken() -> None:
    (piece,) = find_metrics(f"Here are our metrics:\n{TEXT}\nWhat is wrong?")
    assert (piece.first, piece.last) == (2, 1 + TEXT.count("\n"))


def test_malformed_samples_are_left_out_and_counted() -> None:
    text = TEXT + 'http_requests_total{method="get 5\nhttp_requests_total{a="1",a="2"} 5\nup 1\n'
    (piece,) = find_metrics(text)
    assert "2 samples could not be read." in piece.notes


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_values_that_are_no_numbers_are_not_told(value: str) -> None:
    assert only(f"# TYPE load gauge\nload {value}\nother 1\n").samples[0].name == "other"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# HELP me",
        "# TYPE something",
        "retries 3",
        "retries 3\nlatency 400",
        "We saw errors 5\nand more",
        "status 503",
        "# Heading\n\nsome text 5",
        "GET /orders 200\nGET /orders 500\nGET /orders 200",
        "order_id,amount\n1,2\n3,4",
    ],
)
def test_what_is_no_metric(text: str) -> None:
    assert find_metrics(text) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "# TYPE a counter\n",
        'a{b="c"} 1\n',
        'a{b="c',
        "a{" * 900 + "\n",
        'a{b="\\\\\\"',
        "a 1\n",
        "a" * 190 + " 1\n",
        "# HELP ",
        "0 ",
        "{",
    ],
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = "# TYPE a counter\n" + unit * (200_000 // len(unit))
    assert isinstance(find_metrics(text), tuple)


def test_a_megabyte_with_many_labels_is_read() -> None:
    labels = ",".join(f'label_{n}="value {n}"' for n in range(60))
    text = "# TYPE a counter\n" + f"a_total{{{labels}}} 1\n" * (1_000_000 // len(labels))
    assert isinstance(find_metrics(text), tuple)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ([(1.0, 10.0), (float("inf"), 10.0)], 0.5),
        ([(1.0, 0.0), (3.0, 10.0), (float("inf"), 10.0)], 2.0),
        ([(1.0, 1.0), (float("inf"), 10.0)], 1.0),
        ([(1.0, 0.0), (float("inf"), 0.0)], None),
        ([(1.0, 10.0), (2.0, 5.0), (float("inf"), 12.0)], None),
        ([(1.0, 10.0)], None),
        ([], None),
    ],
)
def test_the_median_of_buckets(buckets: list[tuple[float, float]], expected: float | None) -> None:
    assert quantile(0.5, buckets) == (pytest.approx(expected) if expected is not None else None)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0.001, 9.9), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_quantile_is_within_one_bucket_of_the_true_one(values: list[float], share: float) -> None:
    bounds = [0.5, 1.0, 2.0, 4.0, 10.0]
    buckets = [(bound, float(sum(value <= bound for value in values))) for bound in (*bounds, float("inf"))]
    found = quantile(share, buckets)
    true = sorted(values)[max(0, min(len(values) - 1, round(share * len(values) + 0.4999) - 1))]
    place = next(n for n, bound in enumerate(bounds) if true <= bound)
    assert found is not None
    assert ([0.0, *bounds][max(place - 1, 0)]) <= found <= bounds[min(place + 1, len(bounds) - 1)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(TEXT.split("\n")), st.text(max_size=30)), max_size=30))
def test_any_lines_are_read(lines: list[str]) -> None:
    count = "\n".join(lines).count("\n") + 1
    assert all(1 <= piece.first <= piece.last <= count for piece in find_metrics("\n".join(lines)))
