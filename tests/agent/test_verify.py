"""What a model wrote reaches the reader only as far as the turn's figures, records and passages bear it out.

The worlds are those of the eval of planted numbers: `cobalt` has one account, `pair` two.
"""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.agent import sentence
from app.agent.verify import MOST_CHARACTERS, Material, Verified, verify
from app.domain.blocks import Draft, Heading, Paragraph, Table
from app.domain.directory import AccountDirectory, AccountName
from app.domain.figures import Figure
from app.render.text import to_text
from app.render.values import show
from evals.worlds import load_worlds

WIDE = 10_000


def material(world: str, account_id: str | None = None) -> Material:
    found = load_worlds()[world]
    return Material(found.figures, found.passages, found.accounts, found.report, account_id)


def reads(verified: Verified, known: Material) -> str:
    """What the reader sees, on one line."""
    return " ".join(to_text(verified.blocks, known.figures, WIDE).split())


def feedback() -> Material:
    """A turn with figures that are of no account, but of a request with an id and a title."""
    day = load_worlds()["cobalt"].figures[0].as_of
    titles = {
        "web": "Send a webhook for every change of version 2 payments",
        "fb-alert": "Three screens to change one alert",
    }
    values = {"web": (300, 80, 2), "fb-alert": (60, 75, 3)}
    measures = (("rice", "RICE", "RICE"), ("confidence", "Confidence", "%"), ("effort", "Effort", "weeks"))
    figures = [
        Figure(key=f"feedback.{item}.{key}", label=f"{label} of {titles[item]}", value=value, unit=unit,
               account_id=None, as_of=day, formula="as given")
        for item, found in values.items()
        for (key, label, unit), value in zip(measures, found, strict=True)
    ]  # fmt: skip
    report = "Webhooks fail with HTTP 503 since 09:14 UTC. It is tier 2."
    return Material(tuple(figures), (), AccountDirectory(()), report)


TRUE = [
    "The health score is [[health.score]] of 100.",
    "The score is [[ health.score ]] of 100, band [[HEALTH.BAND.LOW]]–[[health.band.high]].",
    "Cobalt Harbor is [[health.tier@cobalt-harbor]] at [[health.score@CHF]] of 100.",
    "The account is in the [[health.tier]] tier at [[health.score]], and its churn level is [[churn.level]].",
    "Settle the renewal before [[renewal.decision_date]].",
    "Ask for a decision by [[renewal.decision_date]]; the renewal date is [[renewal.date]].",
    "Call their sponsor before [[renewal.decision_date]].",
    "At stake: ARR [[arr]], decision in [[renewal.days_to_decision]] days, by [[renewal.decision_date]].",
    "ARR is [[arr]] a year.",
    "API calls fell by [[usage.api_calls.change.28d]] in 28 days.",
    "They made [[usage.api_calls.28d]] calls, down from [[usage.api_calls.prior_28d]] API calls.",
    "In the last 28 days [[usage.active_users.distinct.28d]] users were active.",
    "They use [[features.used.28d]] of the [[features.available]] features they pay for.",
    "[[meetings.missed.90d]] no-shows in 90 days.",
    "All seven indicators are triggered.",
    "There are [[tickets.open_past_target]] open tickets past target (see below).",
    "They have 150 licensed seats, and 35 distinct active users in 28 days.",
    "Cobalt Harbor Freight's decision date is 5 December 2026.",
    "ARR is USD 520K.",
    "As of 2026-11-25 the account is [[health.tier]].",
    "Ticket cobalt-harbor-t15 is a SEV1, tracked as ENG-2251.",
    "The queue is “tracked as ENG-2251” today.",
    "Two things matter, and three reasons speak for a call.",
    "First, call them; second, write; third, wait.",
    "Choose between the two.",
    "Their CI and their MD are fine, in a mild and civil way.",
    "The champion may march on, and someone may follow.",
    "The resolution target of a SEV2 is 72 hours [[passage.2]].",
    "Where there is no `Retry-After`, wait 1 s, then 2 s [[passage.1]].",
    "Obey `Retry-After`, of which RFC 9110 has two forms [[passage.1]].",
]


@pytest.mark.parametrize("written", TRUE)
def test_what_is_true_arrives(written: str) -> None:
    known = material("cobalt")
    verified = verify(written, known)
    assert verified.dropped == 0
    assert reads(verified, known)
    assert "[[" not in reads(verified, known)


LIES = {
    "digits of other scripts": [
        "They have २५० licensed seats.",
        "They have ２５１ licensed seats.",
        "They opened ௰ tickets.",
        "They have 二百 licensed seats.",
        "They opened ❾ tickets.",
        "They opened 9️⃣ tickets.",
        "They opened Ⅻ tickets.",
    ],
    "marks and look-alikes": [
        "They have 1̲5̲1̲ licensed seats.",
        "They have 15⁰⁰ licensed seats.",
        "They opened З tickets.",
        "They have l5O seats.",
        "ARR is USD 520,000,OOO.",
        "Irоnbridge has an ARR of [[arr]].",
    ],
    "numbers in words": [
        "They opened half a dozen tickets.",
        "A couple of hundred seats are idle.",
        "NPS is forty.",
        "The health score is ninety-one.",
        "They sent nine invoices.",
        "They have twohundred seats.",
        "ARR is six figures.",
        "They opened t-w-e-l-v-e tickets.",
        "The queue holds forty things.",
        "Licensed seats: ninety.",
        "A pair of users left.",
        "They hold CL more licensed seats.",
        "The score, a mild XIV.",
    ],
    "ordinals": [
        "This is their third outage.",
        "The fourth champion left.",
        "They decide on the fifteenth.",
        "The 5th outage.",
    ],
    "dates": [
        "The decision date is December.",
        "They decide on March third.",
        "The decision date is 2026-12-15.",
        "The decision date is 05.12.27.",
        "They renew in Q1.",
        "They renew in 2027.",
        "The decision date is '27.",
    ],
    "relative dates": [
        "They decide next Tuesday.",
        "They decide in a fortnight.",
        "They renew at the end of the month.",
        "They decide within the hour.",
        "The champion left a month ago.",
        "They decide by EOD.",
        "They decide on Fri.",
    ],
    "ratios": [
        "The ratio is 3:1.",
        "Three out of four users left.",
        "One in five users left.",
        "Every second user left.",
        "Usage quintupled.",
        "The chance is fifty-fifty.",
        "Usage fell by an order of magnitude.",
        "Two-thirds are idle.",
    ],
    "ranges and signs": [
        "They opened 10-15 tickets.",
        "They opened >12 tickets.",
        "They opened 12+ tickets.",
        "They have minus 150 licensed seats.",
        "They have 150-ish licensed seats.",
        "They opened −12 tickets.",
    ],
    "exponents and separators": [
        "ARR is 5e5.",
        "They have 1.500 licensed seats.",
        "They have 1'500 licensed seats.",
        "They have 150^2 licensed seats.",
        "They have 0x96 seats.",
        "They have 150 lakh licensed seats.",
    ],
    "money": [
        "ARR is 520,000 EUR.",
        "ARR is $0.6m.",
        "ARR is 520K pounds.",
        "ARR is C$520,000.",
        "ARR is fifty grand.",
        "ARR is USD 520,000 a month.",
        "ARR is USD 520,000 per seat.",
    ],
    "units": [
        "The decision is in 10 weeks.",
        "Coverage is 100 points.",
        "Decision in [[renewal.days_to_decision]] weeks.",
        "The health score is [[health.score]]%.",
        "The health score is [[health.score]] percent.",
        "ARR is [[arr]] million.",
        "ARR is [[arr]]k.",
        "ARR is -[[arr]].",
        "ARR is €[[arr]].",
        "ARR is [[arr]] a month.",
        "They owe [[seats.licensed]] dollars.",
        "The health score is [[health.score]] of 50.",
        "They opened [[tickets.opened.30d]] tickets a week.",
    ],
    "other words at a reference": [
        "NPS is [[arr]].",
        "The decision date is [[renewal.date]].",
        "They decide by [[renewal.date]].",
        "They have [[seats.licensed]] users.",
        "[[tickets.opened.30d]] customers are affected.",
        "ARR fell by [[arr]].",
        "They opened [[tickets.escalated.90d]] tickets.",
        "Usage fell to [[usage.api_calls.prior_28d]] calls.",
        "The customer pays [[tickets.opened.30d]].",
        "They use [[features.available]] features.",
    ],
    "periods": [
        "They opened [[tickets.opened.30d]] tickets in 7 days.",
        "They opened [[tickets.opened.30d]] tickets in a week.",
        "They opened [[tickets.opened.30d]] tickets, and the decision is in 30 days.",
        "The [[tickets.opened.30d]] tickets are each 30 days old.",
        "They opened [[tickets.opened.30d]] tickets within 30 minutes.",
    ],
    "names": [
        "Ticket cobalt-harbor-t99 is open.",
        "Upgrade to v3.2.",
        "The API returns HTTP 500.",
        "See step 3.",
        "A 504 error came.",
        "Call at 14:30.",
        "The log shows 09:13 UTC.",
        "PR #1234 fixes it.",
        "Mail ops24@example.com.",
        "A SEV3 is open.",
    ],
    "quotations": [
        "They wrote “the outage cost us 2 million”.",
        'They said "we leave in 3 weeks".',
        "They said “ENG-99”.",
    ],
    "passages": [
        "A SEV1 gets its first response in under 4 hours [[passage.2]].",
        "Wait 30 minutes [[passage.1]].",
        "The renewal is in 8 hours [[passage.2]].",
        "Cobalt Harbor waits 2 s [[passage.1]].",
        "See [[passage.9]].",
        "See [[passage.0]].",
        "See [[passage.-1]].",
        "Wait 30 seconds [[passage.2]].",
        "ARR fell by 90 % [[passage.2]].",
    ],
    "references in odd places": [
        "They have x[[seats.licensed]]x seats.",
        "Version [[seats.licensed]].[[features.used.28d]] is out.",
        "They have [[seats.licensed]][[seats.licensed]] seats.",
        "It came at [[tickets.opened.30d]]:[[seats.licensed]] UTC.",
        "They have 1[[seats.licensed]] seats.",
        "ARR is [[arr]] × [[seats.licensed]].",
        "The plan is [[no.such.key]].",
        "The date is 2026-[[tickets.opened.30d]]-15.",
    ],
    "private and hidden characters": [
        "They have 25\u200b0 licensed seats.",
        "They have &#50;51 seats.",
        "NPS is &#57344;9. ",
        "They have 25&ZeroWidthSpace;0 seats.",
    ],
    "markup": [
        "They have **2**5**1** seats.",
        "They have ni**ne**ty seats.",
        "![250 seats](x.png)",
        "[250 seats](u 'ARR')",
        "<b>250</b> seats",
        "<!-- 250 seats -->",
        "They grow.[^250]",
        "> > - 250 seats",
        "# Health score 91",
        "- 250 seats",
        "`seats=250`",
        "~~150~~ 250 seats",
        "    arr = 925000",
        "```\nseats = 250\n```",
        "| Seats |\n|---|\n| 250 |",
        "| 250 seats | x |\n|---|---|\n| a | b |",
    ],
    "other accounts": [
        "Glasswing Insurance has an ARR of [[arr]].",
        "IRONBRIDGE'S ARR is [[arr]].",
        "[[arr]] is what Ironbridge pays.",
        "Ironbridge/Glasswing has an ARR of [[arr]].",
        "A customer (Ironbridge) has an ARR of [[arr]].",
        "“Glasswing Insurance” has an ARR of [[arr]].",
        "Another customer has an ARR of [[arr]].",
        "Our total ARR is [[arr]].",
        "ARR is [[arr@ironbridge]].",
        "Brightwater has 150 licensed seats.",
    ],
}


@pytest.mark.parametrize(
    "written", [pytest.param(lie, id=f"{kind}: {lie}") for kind, lies in LIES.items() for lie in lies]
)
def test_a_lie_is_left_out_and_counted(written: str) -> None:
    verified = verify(written, material("cobalt", "cobalt-harbor"))
    assert verified.blocks == ()
    assert verified.dropped >= 1


PAIR_LIES = [
    "Ironbridge Payments has an ARR of [[arr@cobalt-harbor]].",
    "ARR is [[arr@cobalt-harbor]] for Ironbridge Payments.",
    "Unlike Cobalt Harbor, Ironbridge has an ARR of [[arr@cobalt-harbor]].",
    "Cobalt Harbor and Ironbridge have ARRs of [[arr@ironbridge]] and [[arr@cobalt-harbor]].",
    "Cobalt Harbor and Ironbridge have ARRs of USD 360,000 and USD 520,000.",
    "Ironbridge opened 12 tickets, Cobalt Harbor 1.",
    "At USD 360,000 ARR, Cobalt Harbor beats Ironbridge.",
    "The ARR is [[arr]].",
    "The ARR is USD 520,000.",
]


@pytest.mark.parametrize("written", PAIR_LIES)
def test_a_figure_of_another_account_is_left_out(written: str) -> None:
    assert verify(written, material("pair")) == Verified((), 1)


@pytest.mark.parametrize(
    "written",
    [
        "Ironbridge Payments is calm. It has an ARR of {}.",
        "Ironbridge Payments is calm. The customer has an ARR of {}.",
        "Ironbridge Payments is calm. ARR is {}.",
        "Ironbridge Payments is calm.\n\nARR is {}.",
        "## Ironbridge Payments\n\nARR is {}.",
        "## Ironbridge Payments\n\n- ARR: {}",
        "Ironbridge Payments:\n\n- ARR: {}",
        "| ARR | Account |\n|---|---|\n| {} | Ironbridge |",
        "| Rank | Account | ARR |\n|---|---|---|\n| first | Ironbridge | {} |",
        "| Metric | Ironbridge |\n|---|---|\n| ARR | {} |",
        "- Ironbridge\n  - ARR {}",
    ],
)
@pytest.mark.parametrize("account", [None, "cobalt-harbor"])
def test_what_follows_an_account_is_taken_for_its_own(written: str, account: str | None) -> None:
    known = material("pair", account)
    for lie in ("[[arr@cobalt-harbor]]", "USD 520,000"):
        verified = verify(written.format(lie), known)
        assert verified.dropped >= 1
        assert "520,000" not in reads(verified, known)
    truth = verify(written.format("[[arr@ironbridge]]"), known)
    assert truth.dropped == 0
    assert "360,000" in reads(truth, known)


def test_a_reference_without_an_account_means_the_one_in_talk() -> None:
    known = material("pair", "ironbridge")
    assert reads(verify("ARR is [[arr]].", known), known) == "ARR is USD 360,000."
    assert reads(verify("Cobalt Harbor's ARR is [[arr]].", known), known) == "Cobalt Harbor's ARR is USD 520,000."


@pytest.mark.parametrize(
    ("written", "arrives", "dropped"),
    [
        ("ARR is [[arr]]. NPS is 42. It is [[health.tier]].", "ARR is USD 520,000. It is red.", 1),
        ("- ARR: [[arr]]\n- NPS: 42\n- Tier: [[health.tier]]", "– ARR: USD 520,000 – Tier: red", 1),
        ("7. ARR: [[arr]]\n8. Tier: [[health.tier]]", "1. ARR: USD 520,000 2. Tier: red", 0),
        ("They opened a dozen tickets in 30 days.", "They opened 12 tickets in 30 days.", 0),
        ("They decide soon, i.e. before long. Score 91.", "They decide soon, i.e. before long.", 1),
        ("Wait 1 s [[passage.1]].", "Wait 1 s [1].", 0),
        ("&#57344; ARR is [[arr]].", "ARR is USD 520,000.", 0),
        ("See [the ARR](https://x.example/250 \"250 seats\").", "See the ARR.", 0),
        ("", "", 0),
        ("\n\n---\n\n", "", 0),
    ],
)  # fmt: skip
def test_what_arrives_of_a_text(written: str, arrives: str, dropped: int) -> None:
    known = material("cobalt")
    verified = verify(written, known)
    assert (reads(verified, known), verified.dropped) == (arrives, dropped)


@pytest.mark.parametrize(
    ("written", "passes"),
    [
        ("Two accounts come first: Cobalt Harbor and Ironbridge.", True),
        ("Three accounts come first: Cobalt Harbor and Ironbridge.", False),
        ("Two seats are left at Cobalt Harbor and Ironbridge.", False),
    ],
)
def test_accounts_may_be_counted_where_each_is_named(written: str, passes: bool) -> None:
    assert verify(written, material("pair")).dropped == (0 if passes else 1)


def test_a_sentence_that_nobody_reads_is_left_out() -> None:
    known = material("cobalt")
    assert verify("word " * (sentence.MOST_CHARACTERS // 5), known).dropped == 0
    assert verify("word " * (sentence.MOST_CHARACTERS // 5 + 1), known) == Verified((), 1)
    assert verify("[[health.tier]] " * sentence.MOST_STATED, known).dropped == 0
    assert verify("[[health.tier]] " * (sentence.MOST_STATED + 1), known) == Verified((), 1)


def test_a_row_with_a_lie_is_left_out_of_its_table() -> None:
    known = material("cobalt")
    verified = verify(
        "| Metric | Value |\n|---|---|\n| ARR | [[arr]] |\n| NPS | 42 |\n| Tier | [[health.tier]] |", known
    )
    (table,) = verified.blocks
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [("ARR",), ("Tier",)]
    assert verified.dropped == 1


@pytest.mark.parametrize("label", ["Seats. Ninety seats.", "ARR [[arr]]", "250 seats"])
def test_a_column_is_named_by_what_was_verified(label: str) -> None:
    known = material("cobalt")
    shown = reads(verify(f"| {label} | x |\n|---|---|\n| a | b |", known), known)
    assert not re.search(r"Ninety|\d|\[\[|[\ue000-\uf8ff]", shown)


def test_blocks_are_made_of_markdown() -> None:
    blocks = verify("# Verdict\n\nARR is [[arr]].\n\n```\nretry()\n```", material("cobalt")).blocks
    assert [type(block) for block in blocks] == [Heading, Paragraph, Draft]


def test_passages_are_cited_in_the_order_in_which_they_come() -> None:
    known = material("cobalt")
    verified = verify("Obey the policy [[passage.2]]. Obey `Retry-After` [[passage.1]]. Again [[passage.2]].", known)
    assert reads(verified, known) == "Obey the policy [1]. Obey Retry-After [2]. Again [1]."
    assert [each.document for each in verified.cited] == ["severity-policy", "rate-limits"]


def test_a_passage_of_a_sentence_that_is_left_out_is_not_cited() -> None:
    assert verify("The score is 91 [[passage.1]].", material("cobalt")).cited == ()


@pytest.mark.parametrize(
    ("written", "passes"),
    [
        ("The item web has a RICE of [[feedback.web.rice]].", True),
        ("The item web has a RICE of [[feedback.fb-alert.rice]].", False),
        ("For web the confidence is [[feedback.web.confidence]], for fb-alert [[feedback.fb-alert.confidence]].", True),
        ("For web the confidence is [[feedback.fb-alert.confidence]].", False),
        ("Three screens to change one alert has RICE [[feedback.fb-alert.rice]].", True),
        ("Three screens to change one alert has RICE [[feedback.web.rice]].", False),
        ("Send a webhook for every change of version 2 payments comes first.", True),
        ("The effort of web is [[feedback.web.confidence]] weeks.", False),
        ("The effort of web is [[feedback.web.effort]] weeks.", True),
        ("It said “Webhooks fail with HTTP 503 since 09:14 UTC”.", True),
        ("It said “Webhooks fail with HTTP 503 since 09:15 UTC”.", False),
        ("It fails with HTTP 503 and stays in tier 2.", True),
        ("It fails with HTTP 502.", False),
        ("It goes to tier 3.", False),
    ],
)
def test_things_that_are_no_account_keep_their_figures_too(written: str, passes: bool) -> None:
    assert verify(written, feedback()).dropped == (0 if passes else 1)


def test_what_an_account_is_called_is_no_number() -> None:
    known = Material((), (), AccountDirectory([AccountName("a-1", "Studio 54", ("Four Seasons",))]), "")
    assert verify("Studio 54 and Four Seasons are the same.", known).dropped == 0
    assert verify("Studio 55 is another.", known).dropped == 1


def test_nothing_is_quoted_where_several_accounts_are_talked_of() -> None:
    assert verify("It says “ARR USD 520,000; decision date 2026-12-05”.", material("pair")).dropped == 1


@pytest.mark.parametrize(
    "written",
    [
        unit * (MOST_CHARACTERS // len(unit))
        for unit in ("[", "]", "[[", "[[ ", "![", "9", "9 ", "9,", "1 000 ", "[[arr]]", "[[arr]] ", "[[x]]", "twenty-",
                     "a.9-", "a", "> ", "- ", "`", "\ue000", "&#57344;", "Cobalt Harbor ", "| 9 ", "“a b c ", "\ufdfa")
    ] + ["[[" + " " * MOST_CHARACTERS, "." + '"' * MOST_CHARACTERS],
    ids=lambda written: repr(written[:12]),
)  # fmt: skip
def test_a_long_text_is_judged_in_bounded_work(written: str) -> None:
    known = material("cobalt")
    shown = reads(verify(written, known), known)
    assert "9" not in shown.replace("9,", "") or "9" not in written


def test_what_is_behind_the_longest_text_is_not_read() -> None:
    known = material("cobalt")
    assert "Cobalt" not in reads(verify("word " * (MOST_CHARACTERS // 5) + "Cobalt", known), known)


# ── Any text ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = (
    "ARR is", "health score", "of 100", "in 28 days", "decision date", "licensed seats", "tickets opened",
    "Cobalt Harbor", "Ironbridge", "SEV1", "ENG-2251", "a dozen", "three", "hundred", "USD", "EUR", "$", "%",
    "points", "million", "k", "weeks", "[[arr]]", "[[health.score]]", "[[seats.licensed]]", "[[renewal.date]]",
    "[[passage.1]]", "[[passage.2]]", "[[x]]", "[[", "]]", "wait", "then", "s,", "**", "*", "`", "|", "\n", "\n\n",
    "\n- ", "\n1. ", "\n# ", "\n```\n", "\n|---|\n", "&#50;", "&#57344;", "\u200b", "٢", "２", "²", "❾", "\ue000",
    "-", ".", ",", ":", "!", "(", ")", "“", "”", "150", "12", "520,000", "2026-12-05", "7",
)  # fmt: skip
ANY = st.lists(st.sampled_from(WORDS) | st.text(alphabet="0123456789 .,-/x", max_size=6), max_size=25)


def allowed(known: Material, cited: bool) -> list[str]:
    """Everything with digits that may be shown. Names with digits need no citation, other numbers of a passage do."""
    periods = [str(days) for days in (28, 30, 90, 100, 180)]
    cites = [f"[{number}]" for number in range(1, len(known.passages) + 1)]
    texts = [known.report, *(each.text for each in known.passages)]
    words = [word.strip("`(),.:;") for text in texts for word in text.split()]
    named = [word for word in words if word[:1].isalpha() or cited]
    return [*map(show, known.figures), "2026-11-25", *periods, *cites, *named]


@settings(max_examples=400)
@given(ANY, st.sampled_from([" ", ""]), st.sampled_from(["cobalt", "pair"]))
@example(["They have 15", "\u200b", "0 licensed seats."], "", "cobalt")
@example(["[[seats.licensed]]", "[[seats.licensed]]", " seats"], "", "cobalt")
@example(["&#57344;", "[[arr]]"], " ", "cobalt")
def test_no_digit_arrives_that_the_turn_does_not_know(pieces: list[str], between: str, world: str) -> None:
    known = material(world)
    verified = verify(between.join(pieces), known)
    shown = re.sub(r"(?m)^\s*\d+\. ", "", to_text(verified.blocks, known.figures, WIDE))
    for known_text in sorted(filter(None, allowed(known, bool(verified.cited))), key=len, reverse=True):
        shown = re.sub(rf"(?<!\w){re.escape(known_text)}(?!\w)", " ", shown)
    assert not [each for each in shown if unicodedata.category(each) == "Nd"], shown


@given(st.text(max_size=300) | ANY.map("".join))
@example("&#57344;")
@example("[[\ud800]]")
@example("| [[arr]] |\n|---|\n| x |")
def test_any_text_can_be_verified(written: str) -> None:
    for world in ("cobalt", "pair"):
        known = material(world)
        reads(verify(written, known), known)


@given(st.text(max_size=200) | ANY.map(" ".join))
def test_where_nothing_is_known_no_digit_arrives(written: str) -> None:
    nothing = Material((), (), AccountDirectory(()), "")
    shown = re.sub(r"(?m)^\s*\d+\. ", "", to_text(verify(written, nothing).blocks, (), WIDE))
    assert not any(unicodedata.category(each) == "Nd" for each in shown)


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        ("Cobalt Harbor Freight is green.", False),
        ("Cobalt Harbor Freight is red.", True),
        ("The churn level is low.", False),
        ("The churn level is critical.", True),
        ("The churn level is [[churn.level]].", True),
    ],
)
def test_a_value_in_words_is_not_told_otherwise(written: str, arrives: bool) -> None:
    assert bool(verify(written, material("cobalt")).blocks) is arrives
