"""What a sentence asks for or complains about; what is none of it; and what of a text is the customer's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.feedback.test_feedback import PARAMETERS
from tests.tools.feedback.voices import voice
from tools.feedback.hearing import Ear, Heard
from tools.feedback.likeness import stem
from tools.feedback.phrases import Phrases, tokens_of

EAR = Ear(PARAMETERS.hearing)

REQUESTS = [
    ("We need webhooks for payment events.", "Webhooks for payment events"),
    ("It would be great if we could filter exports by depot.", "Filter exports by depot"),
    ("Could you please add SSO with Okta?", "SSO with Okta"),
    ("Is there any plan to support dark mode?", "Dark mode"),
    ("We would love a bulk replay endpoint.", "Bulk replay endpoint"),
    ("There is no way to group vessels by route.", "Group vessels by route"),
    ("We're evaluating competitors due to lack of webhooks.", "Webhooks"),
    ("It should be possible to mute alarms during maintenance.", "Mute alarms during maintenance"),
    ("I wish I could schedule reports weekly.", "Schedule reports weekly"),
    ("Our developers need a sandbox with test data.", "Sandbox with test data"),
    ("We can't export the audit log yet.", "Export the audit log"),
    ("You don't support SAML.", "SAML"),
    ("Would be nice to have an audit trail.", "Audit trail"),
    ("We really need a mobile app for our drivers.", "Mobile app for our drivers"),
    ("The product is good, but we still need a Terraform provider.", "Terraform provider"),
]
COMPLAINTS = [
    ("bug", "The export crashes when I choose more than 100 rows."),
    ("bug", "Reminders are sent twice."),
    ("bug", "We are getting a 500 error on the invoices endpoint."),
    ("bug", "Search results are wrong for accented names."),
    ("bug", "The totals don't match the invoice."),
    ("bug", "The login page does not load in Safari."),
    ("bug", "Webhooks arrive out of order."),
    ("bug", "The daily report arrives empty on Mondays."),
    ("bug", "Sync stopped working after the last release."),
    ("bug", "We love the product, but the CSV export fails for large files."),
    ("performance", "The dashboard is very slow in the morning."),
    ("performance", "It takes 40 seconds to open a report."),
    ("performance", "Reports time out for more than 5000 students."),
    ("performance", "API latency spikes at the full hour."),
    ("performance", "Loading the map takes forever."),
    ("performance", "The page hangs when I filter."),
    ("ux", "The new screen is confusing."),
    ("ux", "It takes too many clicks to change an alert."),
    ("ux", "The settings are hard to find."),
    ("ux", "I can't find the button to invite users."),
    ("ux", "The menu is buried under three submenus."),
    ("ux", "Three screens to change one alert."),
    ("documentation", "The documentation is out of date for v2."),
    ("documentation", "I could not find anything about pagination in the docs."),
    ("documentation", "The help pages show another product."),
    ("documentation", "The error table lacks code 4221."),
    ("documentation", "The API docs don't mention rate limits."),
    ("documentation", "Please add more examples to the documentation."),
    ("documentation", "Rate limits are not documented."),
]
NOTHING = [
    "Great product, keep it up!",
    "Thanks for the quick help.",
    "We love the new dashboard.",
    "Everything works fine now, thank you.",
    "The slow search is fixed now.",
    "We no longer need the CSV export.",
    "We don't need anything else at the moment.",
    "How do I reset my password?",
    "Can you send me the invoice for May?",
    "We need a call with your team next week.",
    "We need an invoice copy for our accounting.",
    "Could you please help us with the setup?",
    "We want to thank you for the support.",
    "No complaints so far.",
    "The dashboard is not slow at all.",
    "We had no issues with the migration.",
    "I need more time to test it.",
    "Never had a problem with it.",
    "Please let me know if you need anything from us.",
    "We want to renew for two years.",
    "Please add me to the call.",
    "Could you add my colleague as a user?",
    "Please send us a quote for 50 more seats.",
    "Thank you for contacting support. We have logged your request to add webhooks.",
    "Missing features.",
    "",
    "…",
]


def hear(text: str, **fields: object) -> tuple[Heard, ...]:
    return EAR.hear(voice(text, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "title"), REQUESTS)
def test_requests_and_their_titles(text: str, title: str) -> None:
    (heard,) = hear(text)
    assert (heard.category, heard.title, heard.quote.words) == ("feature_request", title, text)


@pytest.mark.parametrize(("category", "text"), COMPLAINTS)
def test_complaints(category: str, text: str) -> None:
    (heard,) = hear(text)
    assert (heard.category, heard.quote.words) == (category, text)
    assert heard.words


@pytest.mark.parametrize("text", NOTHING)
def test_what_proposes_nothing(text: str) -> None:
    assert hear(text) == ()


@pytest.mark.parametrize(
    ("text", "kind", "about", "found"),
    [
        ("Intends to renew; wants the live dashboard.", "touchpoints", "qbr", "Live dashboard"),
        ("They asked for a Kafka connector.", "touchpoints", "call", "Kafka connector"),
        ("Asked for request ids and the exact error.", "touchpoints", "email", None),
        ("Asked two sister clinics to look at the product.", "touchpoints", "champion_action", None),
        ("Two other vendors were asked for prices.", "signals", "competitor", None),
        ("They asked for a Kafka connector.", "tickets", "how-to", None),  # of whom does a customer speak?
    ],
)
def test_notes_are_read_in_the_third_person(text: str, kind: str, about: str, found: str | None) -> None:
    heard = hear(text, kind=kind, about=about)
    assert [each.title for each in heard] == ([found] if found else [])
    assert all(each.second_hand == (about != "email") for each in heard)


@pytest.mark.parametrize(
    ("about", "subject", "category"),
    [
        ("bug", "Vessels in port", "bug"),
        ("Bug", "Reports time out", "bug"),  # the filing tells which complaint it is
        ("ux", "Alert editor loses unsaved changes", "ux"),
        ("ux", "Please add a dark mode", "feature_request"),  # but a request stays one
        ("documentation", "Fields of version 2", "documentation"),
        ("outage", "Ingest answers 503", None),
        ("how-to", "Is it possible to rename a rule?", None),
        ("", "Is it possible to rename a rule?", "feature_request"),
        ("how-to", "Filter the export by depot", None),
        ("bug", "", None),
    ],
)
def test_how_a_ticket_was_filed(about: str, subject: str, category: str | None) -> None:
    heard = hear("", about=about, subject=subject)
    assert [each.category for each in heard] == ([category] if category else [])


MAIL = """Hi Sam,

thanks for the call. We need webhooks for refunds - polling costs us a day a month.
- The export is slow
- all good with the rest

```
ERROR: we need more log lines
```
Agent: we need to ask product about that. The export is broken.

On Mon, 2 March 2026 Sam wrote:
> We need your logs. The dashboard is confusing.
"""


def test_only_the_customer_s_own_words_count() -> None:
    heard = hear(MAIL)
    assert [each.quote.words for each in heard] == [
        "We need webhooks for refunds - polling costs us a day a month.",
        "The export is slow",
    ]


@pytest.mark.parametrize(
    "subject", ["Automatic reply: Webhooks", "Out of office", "Undeliverable: we need webhooks", "RE: auto-reply"]
)
def test_auto_replies_are_dropped_whole(subject: str) -> None:
    assert hear("We need webhooks for payments.", subject=subject) == ()


def test_secrets_addresses_and_telephone_numbers_are_masked() -> None:
    (heard,) = hear("We need webhooks, write to jo@acme.com or +49 170 1234567, password=hunter22")
    assert "jo@acme.com" not in heard.quote.words
    assert "1234567" not in heard.quote.words
    assert "hunter22" not in heard.quote.words
    assert heard.quote.words.startswith("We need webhooks, write to [email…@acme.com] or [phone]")


def test_a_long_sentence_is_cut_at_a_word() -> None:
    (heard,) = hear("We need webhooks for " + "payments and refunds " * 40)
    assert len(heard.quote.words) <= PARAMETERS.hearing.longest_quote
    assert heard.quote.words.endswith("…")
    assert len(heard.title) <= PARAMETERS.hearing.longest_title


def test_the_subject_gives_the_title_where_it_is_about_the_same() -> None:
    (heard,) = hear("The export crashes for more than 100 rows.", subject="CSV export")
    assert heard.title == "CSV export"
    (heard,) = hear("The export crashes for more than 100 rows.", subject="Urgent question")
    assert heard.title == "The export crashes for more than 100 rows"


def test_a_text_that_does_not_say_what_is_vague() -> None:
    assert EAR.listen(voice("missing features", kind="signals")) == ((), True)
    assert EAR.listen(voice("too expensive", kind="signals")) == ((), False)
    assert EAR.listen(voice("We need webhooks"))[1] is False


@pytest.mark.parametrize(
    ("one", "other"), [("webhooks", "webhook"), ("filtering", "filter"), ("queries", "query"), ("changes", "change")]
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("a|b c", "b c", True),
        ("a b? c", "a c", True),
        ("a * c", "a x y z c", True),
        ("a * c", "a w x y z c", False),
        ("a / c", "a c", True),
        ("a / c", "a d", False),
        ("don't", "Don’t", True),
        ("a b", "ab", False),
    ],
)
def test_phrases(phrase: str, text: str, found: bool) -> None:
    assert bool(list(Phrases([phrase]).find(tokens_of(text, {})))) is found


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    for heard in hear(text, subject=text[:50]):
        assert heard.words
        assert len(heard.quote.words) <= PARAMETERS.hearing.longest_quote
        assert "\n" not in heard.quote.line()


@given(
    st.lists(
        st.sampled_from([w for t, _ in REQUESTS for w in t.split()] + [";", "\n", ">", "```", "Agent:"]), max_size=60
    )
)
def test_words_of_requests_in_any_order_can_be_read(words: list[str]) -> None:
    assert hear(" ".join(words)) == hear(" ".join(words))
