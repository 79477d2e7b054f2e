"""Whatever facts a case holds: no rule of traffic raises, every text is filled, and prose alone proves nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import ACME, NOW, case_with, parameters
from tests.tools.troubleshoot.rules.asked import API, ask, call, error, log, with_statuses
from tools.troubleshoot.facts.http import ClientError, CorsMessage, Exchange, GraphqlError, WebhookDelivery
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules import data, gateways, limits, network, requests, webhooks
from tools.troubleshoot.rules.rule import Rule

RULES = (*limits.RULES, *network.RULES, *requests.RULES, *webhooks.RULES, *data.RULES, *gateways.RULES)
WORDS = st.sampled_from(
    (
        "rate limit exceeded",
        "quota exceeded",
        "too many concurrent requests",
        "connection refused 127.0.0.1:80",
        "could not resolve host api.exmaple.com",
        "connection pool exhausted",
        "invalid signature",
        "created twice after a retry",
        "idempotency key reused",
        "etag",
        "Cannot POST /v1",
        "no such order",
        "Stripe is unavailable",
        "upstream timed out",
        "page is missing",
        "webhook",
        "{",
        "[}\0",
        "\ufeff",
        "x" * 5_000,
        "",
    )
)
URLS = st.sampled_from(
    (API, "http://localhost:1/x", "https://[bad", "//", "", None, f"{API}?offset=9", "https://api.stripe.com/v1")
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ("retry-after", "content-type", "location", "allow", "server", "date", "x-ratelimit-reset", "if-match")
    ),
    st.sampled_from(
        ("0", "-1", "9" * 30, "text/html", "application/json", "squid", "https://[bad", "Fri, 26 Jun 9999", "")
    ),
)
MOMENTS = st.datetimes(timezones=st.just(NOW.tzinfo))


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    return call(
        draw(st.none() | st.integers(100, 599)),
        draw(st.none() | WORDS),
        method=draw(st.sampled_from((None, "GET", "POST", "OPTIONS", "PUT"))),
        url=draw(URLS),
        request_body=draw(st.none() | WORDS),
        request_headers=draw(HEADERS),
        response_headers=draw(HEADERS),
        error=draw(WORDS),
        at=draw(st.none() | MOMENTS),
        source=draw(st.sampled_from(("curl", "http", "har", "code"))),
        timeout_seconds=draw(st.none() | st.floats(0, 1e9)),
    )


@st.composite
def logs(draw: st.DrawFn) -> LogSummary:
    return log(
        statuses=draw(st.dictionaries(st.sampled_from(("200", "429", "503", "500", "x", "")), st.integers(0, 10**9))),
        most_in_a_minute=draw(st.integers(0, 10**9)),
        samples=tuple(draw(st.lists(exchanges(), max_size=2))),
        retries={
            "requests": draw(st.integers(0, 1_000)),
            "repeated": draw(st.integers(0, 1_000)),
            "share": 0.5,
            "median_gap": draw(st.none() | st.floats(0, 1e6)),
        },
    )


OTHERS = st.one_of(
    st.builds(lambda words: GraphqlError(message=words), WORDS),
    st.builds(lambda words: JsonBody(text=words, fault=words), WORDS),
    st.builds(lambda words: CorsMessage(reason="no_allow_origin", text=words, url=words), WORDS),
    st.builds(
        lambda words, verdict: WebhookDelivery(event_id=words, verdict=verdict),
        WORDS,
        st.sampled_from((None, "mismatch")),
    ),
    st.builds(
        lambda words, reason: error(reason, words), WORDS, st.sampled_from(("refused", "timeout", "dns_not_found"))
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(exchanges() | logs() | OTHERS, max_size=6), st.lists(WORDS, max_size=3), st.lists(st.integers(0, 999)))
def test_any_facts_are_judged(
    facts: list[Exchange | LogSummary | ClientError], words: list[str], told: list[int]
) -> None:
    case = with_statuses(case_with(*facts, said="\n".join(words), known=ACME), *told)
    for rule in RULES:
        ask(rule.id, case)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@settings(max_examples=10, deadline=None)
@given(words=st.lists(WORDS, max_size=4), told=st.lists(st.sampled_from((400, 404, 407, 409, 413, 429, 500, 502, 503))))
def test_prose_alone_proves_nothing(rule: Rule, words: list[str], told: list[int]) -> None:
    found = ask(rule.id, with_statuses(case_with(said="\n".join(words)), *told))
    assert found is None or found.finding.certainty != "known"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_its_texts_and_article(rule: Rule) -> None:
    texts = parameters().rules[rule.id]
    assert texts.now
    assert texts.settles
    assert texts.article is not None
    assert Path(f"knowledge/{texts.article}.md").is_file()


def test_a_quotation_is_short() -> None:
    body = f'{{"error":"{"a " * 900} rate limit exceeded {"b " * 900}"}}'
    found = ask("rate_limited", case_with(call(429, body)))
    assert found is not None
    assert max(len(str(clue.text)) for clue in found.finding.clues) < 250


def test_a_secret_is_in_no_clue() -> None:
    key = "sk_live_" + "0" * 20 + "wxyz"
    answer = call(
        429, f'{{"error":"rate limit exceeded for key {key}"}}', request_headers={"authorization": f"Bearer {key}"}
    )
    found = ask("rate_limited", case_with(answer))
    assert found is not None
    assert key not in repr(found.finding)
    assert "wxyz" in repr(found.finding)
