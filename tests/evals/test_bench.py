"""The benchmarks run, on tiny sizes; what they measure is not asserted, since it differs with every machine."""

import json

import pytest

from evals.bench import __main__ as bench

SIZES = ["--rows", "300", "--accounts", "5", "--requests", "5", "--log-lines", "9000"]


def test_everything_is_measured(capfd: pytest.CaptureFixture[str]) -> None:
    assert bench.main([*SIZES, "--json", "--postgresql", ""]) == 0
    told = json.loads(capfd.readouterr().out)
    (imported,), (snapshot,) = told["imports"], told["snapshots"]
    assert (imported["database"], imported["rows"]) == ("sqlite", 300)
    assert (snapshot["accounts"], snapshot["usage_rows"]) == (5, 600)
    assert [one["request"] for one in told["requests"]] == [
        "bare POST",
        "POST /v1/commands/health",
        "POST /v1/chat",
    ]
    assert told["requests"][0]["bare_posts"] == 1
    assert [(one["measure"], one["format"]) for one in told["logs"]] == [
        ("log_fold", "plain"),
        ("log_fold", "nginx"),
        ("log_fold", "json"),
    ]
    assert all(one["bare_lines"] > 0 for one in told["logs"])
    measures = [imported["rows_per_second"], imported["peak_mb"], snapshot["build_cpu_seconds"]]
    assert all(measure > 0 for measure in measures)


def test_a_server_that_is_not_there_is_said_to_be_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    nowhere = "postgresql://127.0.0.1:1"
    assert bench.main(["--rows", "--accounts", "--requests", "0", "--log-lines", "0", "--postgresql", nowhere]) == 0
    assert "Not measured: PostgreSQL" in capfd.readouterr().out


@pytest.mark.parametrize("wrong", [["--rows", "0"], ["--accounts", "-1"], ["--requests", "-1"], ["--log-lines", "-1"]])
def test_sizes_are_counts(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(wrong)
