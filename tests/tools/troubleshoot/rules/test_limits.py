"""Rules of limits: what is too fast, what is too much, what is at the same time, and what the client's repeats make."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.blocks import Certainty, Side
from tests.tools.troubleshoot.made import ACME, NOW, at, case_with
from tests.tools.troubleshoot.rules.asked import API, ask, call, doubts, evidence, judged, log, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import Exchange, GraphqlError
from tools.troubleshoot.facts.logs import Breakdown, Bucket, Repeated, Retries, Share
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules.limit_headers import Limit, limit_of, quota_used_up, retry_after

KNOWN: tuple[Certainty, Side] = ("known", "customer")
LIKELY: tuple[Certainty, Side] = ("likely", "customer")
POSSIBLE: tuple[Certainty, Side] = ("possible", "customer")

EXCEEDED = '{"error":{"code":"rate_limit_exceeded","message":"Rate limit exceeded"}}'
HEADERS = {"content-type": "application/json", "date": "Fri, 26 Jun 2026 11:00:00 GMT"}
STORM = Retries(requests=2_000, repeated=1_600, share=0.8, gaps=(0.1, 0.1, 0.1), median_gap=0.1, backs_off=False)
BACK_OFF = Retries(requests=2_000, repeated=1_600, share=0.8, gaps=(1, 2, 4), median_gap=2, backs_off=True)


def refusing_log(most: int = 1_450, retries: Retries | None = None, **more: object) -> Fact:
    return log(statuses={"200": 700, "429": 300}, most_in_a_minute=most, retries=retries, **more)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((call(429, EXCEEDED),), KNOWN),
        ((call(429),), POSSIBLE),
        ((call(429, response_headers={"retry-after": "3"}),), LIKELY),
        ((call(429, response_headers={"x-ratelimit-limit": "100"}),), LIKELY),
        ((call(429), JsonBody(text='{"error":"limit_reached"} 429 on everything, no rate limit of ours')), POSSIBLE),
        ((GraphqlError(message="Throttled", code="THROTTLED"),), KNOWN),
        ((JsonBody(text=EXCEEDED, status=429),), KNOWN),
        ((call(429, "<html><h1>429</h1></html>", response_headers={"content-type": "text/html"}),), POSSIBLE),
        ((call(200, "{}"),), None),
        ((call(503),), None),
        ((call(429, EXCEEDED, url="https://api.stripe.com/v1/charges"),), None),
    ],
)
def test_rate_limited_by_answers(facts: tuple[Fact, ...], expected: tuple[Certainty, Side] | None) -> None:
    assert judged("rate_limited", case_with(*facts)) == expected


def test_rate_limited_by_the_plan_shows_its_arithmetic() -> None:
    case = case_with(refusing_log(), known=ACME)
    assert judged("rate_limited", case) == KNOWN
    assert "The limit of the plan Pro is 1,000 calls a minute" in evidence("rate_limited", case)
    assert "The busiest minute holds 1,450 calls, 1.45 times the limit of 1,000" in evidence("rate_limited", case)
    found = ask("rate_limited", case)
    assert found is not None
    assert found.finding.values["limit"] == "1,000 calls a minute"


def test_the_limit_of_a_header_goes_before_the_plan() -> None:
    answer = call(429, response_headers={"ratelimit-policy": '"burst";q=10;w=1', **HEADERS})
    shown = evidence("rate_limited", case_with(answer, refusing_log(900), known=ACME))
    assert "ratelimit-policy sets 600 calls a minute" in shown
    assert "900 calls, 1.5 times the limit of 600" in shown


def test_below_the_limit_429_is_no_more_than_possible() -> None:
    case = case_with(refusing_log(most=400), known=ACME)
    assert judged("rate_limited", case) == POSSIBLE
    assert "400 calls, and the limit is 1,000" in doubts("rate_limited", case)


def test_a_log_of_many_clients_measures_nobody() -> None:
    clients = Breakdown(
        dimension="client", values=(Share(value="a", count=500, errors=1), Share(value="b", count=500, errors=1))
    )
    assert judged("rate_limited", case_with(refusing_log(breakdowns=(clients,)), known=ACME)) == LIKELY


def test_quota_that_is_left_is_told() -> None:
    known = dataclasses.replace(ACME, used_this_month=6_500_000)
    shown = evidence("rate_limited", case_with(call(429), known=known))
    assert "This month 6,500,000 of 10,000,000 calls are used, 65%; the rest lasts 14 days" in shown


def test_rate_limited_by_prose_alone() -> None:
    words = case_with(said="we hit the rate limit all the time")
    assert judged("rate_limited", words) is None
    assert judged("rate_limited", with_statuses(words, 429)) == LIKELY
    assert judged("rate_limited", with_statuses(case_with(said="it says 429"), 429)) == POSSIBLE
    limited = call(429, response_headers={"retry-after": "3"})
    for denied in ("we are nowhere near the limit", "so it can't be the rate limit"):
        assert judged("rate_limited", case_with(limited, said=denied)) == POSSIBLE


SAME_KEY = Repeated(what="idempotency_key", value="k1", count=40, line=1)


def test_a_storm_that_explains_the_refusals_goes_first() -> None:
    case = case_with(refusing_log(retries=STORM, repeated=(SAME_KEY,)), known=ACME)
    assert judged("retry_storm", case) == KNOWN
    assert judged("rate_limited", case) == LIKELY
    assert "Without repeats the busiest minute holds 290 calls" in evidence("retry_storm", case)
    assert diagnose(case).causes[0].rule.id == "retry_storm"


def test_repeats_that_are_told_by_their_path_alone_prove_no_storm() -> None:
    case = case_with(refusing_log(retries=STORM), known=ACME)
    assert judged("retry_storm", case) == LIKELY
    assert diagnose(case).causes[0].rule.id == "retry_storm"


def test_new_work_over_the_limit_is_no_storm() -> None:
    """At three times the limit two thirds are refused, each after another one: a storm by its share, and none."""
    overload = Retries(requests=3_000, repeated=1_999, share=0.67, median_gap=0.02, backs_off=False)
    case = case_with(refusing_log(most=3_000, retries=overload), known=ACME)
    assert judged("rate_limited", case) == KNOWN
    assert judged("retry_storm", case) == POSSIBLE


def minutes(*counts: tuple[int, int]) -> tuple[Bucket, ...]:
    begin = at("11:00:00")
    return tuple(
        Bucket(start=begin + dt.timedelta(minutes=place), count=count, errors=errors)
        for place, (count, errors) in enumerate(counts)
    )


def test_a_storm_surges_where_calls_begin_to_fail() -> None:
    surging = refusing_log(retries=STORM, buckets=minutes((200, 0), (210, 0), (1_450, 1_200), (1_400, 1_100)))
    assert judged("retry_storm", case_with(surging)) == LIKELY
    assert "6.95 times the calls of before" in evidence("retry_storm", case_with(surging))
    steady = refusing_log(retries=STORM, buckets=minutes((1_400, 0), (1_450, 1_200)))
    assert judged("retry_storm", case_with(steady)) == POSSIBLE


def test_few_repeats_with_no_limit_known_are_no_storm() -> None:
    few = Retries(requests=40, repeated=22, share=0.55, median_gap=0.04, backs_off=False)
    assert judged("retry_storm", case_with(refusing_log(retries=few))) == POSSIBLE
    assert judged("rate_limited", case_with(refusing_log(retries=few))) == LIKELY
    assert judged("rate_limited", case_with(log(statuses={"429": 40}))) == POSSIBLE


def test_an_excerpt_does_not_prove_that_the_limit_was_kept() -> None:
    excerpt = log(statuses={"429": 12}, most_in_a_minute=12, records=12)
    whole = log(statuses={"429": 12}, most_in_a_minute=12, records=900)
    assert doubts("rate_limited", case_with(whole, known=ACME)) != ""
    assert doubts("rate_limited", case_with(excerpt, known=ACME)) == ""


def test_a_storm_goes_first_where_no_limit_is_known() -> None:
    case = case_with(refusing_log(retries=STORM), call(429, EXCEEDED))
    assert judged("retry_storm", case) == LIKELY
    assert [each.rule.id for each in diagnose(case).causes][:2] == ["retry_storm", "rate_limited"]


def test_first_attempts_over_the_limit_are_no_storm_alone() -> None:
    case = case_with(refusing_log(most=9_000, retries=STORM), known=ACME)
    assert judged("rate_limited", case) == KNOWN
    assert "1,800 calls" in doubts("retry_storm", case)


@pytest.mark.parametrize(
    "retries",
    [BACK_OFF, None, Retries(requests=1_000, repeated=50, share=0.05, median_gap=0.1, backs_off=False)],
)
def test_no_storm(retries: Retries | None) -> None:
    assert judged("retry_storm", case_with(refusing_log(retries=retries))) is None


def test_no_storm_without_refusals() -> None:
    assert judged("retry_storm", case_with(log(statuses={"401": 900}, retries=STORM))) is None
    assert judged("retry_storm", case_with(log(statuses={"503": 900}, retries=STORM))) == POSSIBLE


def calls_after(*seconds: float) -> tuple[Exchange, ...]:
    begin = at("11:00:00")
    return tuple(call(429, at=begin + dt.timedelta(seconds=each)) for each in seconds)


def test_a_storm_of_exchanges() -> None:
    assert judged("retry_storm", case_with(*calls_after(0, 0.2, 0.4, 0.6, 0.8, 1.0))) == LIKELY
    assert judged("retry_storm", case_with(*calls_after(0, 1, 3, 7, 15, 31))) is None
    assert judged("retry_storm", case_with(*calls_after(0, 0.2))) is None


def test_a_storm_by_words() -> None:
    words = "our worker retries immediately when a call fails"
    assert judged("retry_storm", case_with(call(429), said=words)) == LIKELY
    assert judged("retry_storm", case_with(call(500), said=words)) is None


def test_how_long_the_client_waited_against_retry_after() -> None:
    told = {"retry-after": "30"}
    soon = case_with(call(429, at=at("11:00:00"), response_headers=told), call(429, at=at("11:00:01")))
    assert "Retry-After said to wait 30 s; the client waited 1 s" in evidence("rate_limited", soon)
    patient = case_with(call(429, at=at("11:00:00"), response_headers=told), call(429, at=at("11:00:40")))
    assert "the client waited 40 s" in doubts("rate_limited", patient)


@pytest.mark.parametrize(
    ("body", "known_use", "expected"),
    [
        ('{"error":"Monthly quota exceeded"}', None, KNOWN),
        ('{"code":"quota_exceeded"}', 10_400_000, KNOWN),
        ('{"code":"quota_exceeded"}', 2_000_000, LIKELY),
        (None, 10_400_000, LIKELY),
        (None, 2_000_000, None),
        ('{"error":"Quota exceeded: 100 requests per minute"}', None, None),
        ('{"error":"Rate limit exceeded"}', None, None),
    ],
)
def test_quota_exhausted(body: str | None, known_use: int | None, expected: tuple[Certainty, Side] | None) -> None:
    known = dataclasses.replace(ACME, used_this_month=known_use)
    case = case_with(call(429, body), known=known)
    assert judged("quota_exhausted", case) == expected


def test_a_quota_that_is_used_up_excludes_speed() -> None:
    diagnosed = diagnose(case_with(call(429, '{"error":"Monthly quota exceeded"}')))
    assert [each.rule.id for each in diagnosed.causes] == ["quota_exhausted"]


def test_quota_by_header() -> None:
    to_month_end = int((dt.datetime(2026, 7, 1, tzinfo=dt.UTC) - NOW).total_seconds())
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(to_month_end)}
    assert judged("quota_exhausted", case_with(call(429, response_headers=headers))) == KNOWN
    soon = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"}
    assert judged("quota_exhausted", case_with(call(429, response_headers=soon))) is None


def test_quota_in_prose() -> None:
    used_up = case_with(call(429), said="we think the quota is exhausted")
    assert judged("quota_exhausted", used_up) == POSSIBLE
    assert judged("quota_exhausted", case_with(call(429), said="we have not used up our quota")) is None
    assert judged("quota_exhausted", case_with(said="is the quota exhausted when we call more?")) is None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(429, '{"error":"Too many concurrent requests"}')), KNOWN),
        (case_with(call(409, '{"error":"Only 5 parallel requests are allowed"}')), KNOWN),
        (case_with(call(429), said="perhaps it is the concurrent requests"), POSSIBLE),
        (case_with(call(429, EXCEEDED)), None),
        (case_with(call(409, '{"error":"concurrent modification of the record"}')), None),
        (case_with(said="how many parallel requests may we send?"), None),
    ],
)
def test_concurrency_limited(case: Case, expected: tuple[Certainty, Side] | None) -> None:
    assert judged("concurrency_limited", case) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (call(429, response_headers=HEADERS), ("known", "product")),
        (call(429, response_headers={"server": "x"}), ("likely", "product")),
        (call(429, response_headers={**HEADERS, "retry-after": "3"}), None),
        (call(429), None),
        (call(503, response_headers=HEADERS), None),
        (call(429, response_headers=HEADERS, url="https://api.stripe.com/v1/charges"), None),
    ],
)
def test_retry_after_missing(answer: Exchange, expected: tuple[Certainty, Side] | None) -> None:
    assert judged("retry_after_missing", case_with(answer)) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ratelimit-policy": '"default";q=100;w=60', "ratelimit": '"default";r=0;t=20'}, (100, 60, 0, 20)),
        ({"ratelimit-policy": "1000;w=3600, 50;w=60"}, (50, 60, None, None)),
        ({"ratelimit": "limit=100, remaining=3, reset=50"}, (100, None, 3, 50)),
        ({"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "0"}, (1000, None, 0, None)),
        ({"x-ratelimit-limit-minute": "60", "x-ratelimit-limit-hour": "900"}, (60, 60, None, None)),
        ({"x-rate-limit-limit": "20", "x-rate-limit-reset": "12"}, (20, None, None, 12)),
        ({"x-ratelimit-limit": "lots"}, None),
        ({}, None),
    ],
)
def test_limits_that_headers_name(
    headers: dict[str, str], expected: tuple[int, float | None, int | None, float | None] | None
) -> None:
    limit = limit_of(call(429, response_headers=headers))
    assert (limit and (limit.calls, limit.window, limit.remaining, limit.reset_after)) == expected


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1782471630", 30.0), ("1782471630000", 30.0), ("30", 30.0), ("Fri, 26 Jun 2026 11:00:30 GMT", 30.0)],
)
def test_a_reset_is_a_span_or_a_time(reset: str, seconds: float) -> None:
    headers = {**HEADERS, "x-ratelimit-limit": "10", "x-ratelimit-reset": reset}
    limit = limit_of(call(429, response_headers=headers))
    assert limit is not None
    assert limit.reset_after == seconds


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 26 Jun 2026 11:02:00 GMT", 120.0),
        ("Fri, 26 Jun 2026 10:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 400, None),
        ("Fri, 31 Feb 9999 99:99:99 GMT", None),
    ],
)
def test_both_forms_of_retry_after(written: str, seconds: float | None) -> None:
    assert retry_after(call(429, response_headers={**HEADERS, "retry-after": written})) == seconds


def test_a_window_over_a_minute_says_nothing_of_a_minute() -> None:
    assert Limit(1_000, 3_600, None, None, "x").a_minute is None
    assert Limit(1_000, None, None, None, "x").a_minute is None
    assert Limit(20, 1, None, None, "x").a_minute == 1_200


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_header_is_read(value: str) -> None:
    names = ("retry-after", "ratelimit", "ratelimit-policy", "ratelimit-limit", "x-ratelimit-reset", "date")
    answer = call(429, response_headers=dict.fromkeys((*names, "x-ratelimit-remaining", "x-ratelimit-limit"), value))
    assert retry_after(answer) is None or retry_after(answer) is not None
    case = case_with(answer, call(429, EXCEEDED, url=f"{API}?{value}"), known=ACME)
    assert judged("rate_limited", case) in (KNOWN, LIKELY)
    assert quota_used_up(answer) is None or value.strip()
