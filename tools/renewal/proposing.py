"""/renewal ACCOUNT propose: a commercial idea goes to those who approve it, with the account's evidence.

Nothing goes to the customer. What was proposed is written down as a note of the account, so that the plan sees it.
"""

import hashlib
from collections.abc import Mapping

from app.domain.authority import Found
from app.domain.blocks import Draft, DraftField, Notice, Question, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.effects import LogTouchpoint
from app.domain.figures import Ref, Text, joined, text
from app.domain.problems import InvalidArguments
from app.domain.records import Touchpoint
from app.domain.redact import mask_secrets
from tools.health.wording import listing
from tools.renewal.agenda import agenda
from tools.renewal.arguments import RenewalArgs
from tools.renewal.case import RenewalCase, renewal_case
from tools.renewal.data import RenewalData, RenewalProposal
from tools.renewal.parameters import Offer
from tools.renewal.sections import PROMISE_NOTHING

MOST_CHARACTERS = 2_000
KEY_LENGTH = 12
MOST_BLOCKERS = 5
NOTE = "Commercial idea proposed for approval"
"""How the note begins: `done_by.note` in tools/renewal.yaml knows the step by it."""


def needs(args: RenewalArgs) -> Needs:
    """The account as of today: what is proposed is proposed now.

    Raises:
        InvalidArguments: no account is named.
    """
    if args.account is None:
        raise InvalidArguments("Which account is the idea for?", missing=["account"])
    return Needs(
        account=args.account, feedback=True, escalations=True, daily=True, parameters_of=("health",), today=True
    )


def run(ctx: Context, args: RenewalArgs) -> Outcome:
    """The idea with its evidence, put up for approval; or the question which idea it is.

    Raises:
        InvalidArguments: the idea is too long, the account is no customer, or the answer is for the customer's eyes.
    """
    if ctx.audience == "customer":
        raise InvalidArguments(
            "An idea is for colleagues until it is approved: ask as a colleague (audience internal)."
        )
    case = renewal_case(ctx)
    if not case.is_customer:
        raise InvalidArguments(f"{case.account.name} is no customer on {ctx.as_of}: there is no contract to change.")
    idea = mask_secrets(" ".join((args.idea or "").split()))
    if len(idea) > MOST_CHARACTERS:
        raise InvalidArguments(f"The idea has {len(idea):,} characters; say it in {MOST_CHARACTERS:,}.")
    offers = offers_in(idea, case.parameters.offers)
    if not offers:
        return _which(case, idea)
    head, draft = _verdict(case, offers), _draft(case, idea, offers)
    case.stated.add((*case.dates.values(), *case.value.values(), *case.usage.values()))
    case.stated.add(figure for clock in case.found.promises for figure in clock.figures)
    data = RenewalProposal(account_id=case.account.id, idea=idea, offers=tuple(offers), proposed=ctx.typed)
    told = (*head.lines, *(each.text for each in draft.fields))
    named = {span.figure for line in told for span in line if isinstance(span, Ref)}
    figures = tuple(each for each in case.stated.figures if each.key in named)
    report = Report(RenewalData(data), (head, draft, Notice(tone="neutral", text=text(PROMISE_NOTHING))), figures)
    return Outcome(report, effects=(LogTouchpoint(item=_note(ctx, case, idea)),) if ctx.typed else ())


def offers_in(idea: str, offers: Mapping[str, Offer]) -> dict[str, Offer]:
    """The kinds of idea whose words are in it; `temporary_discount` alone names its kind too."""
    said = idea.casefold().replace("‑", "-")
    return {
        key: offer
        for key, offer in offers.items()
        if key in said.replace(" ", "_") or any(word.casefold() in said for word in offer.words)
    }


def _which(case: RenewalCase, idea: str) -> Outcome:
    offers = case.parameters.offers
    titles = listing([offer.title.lower() for offer in offers.values()])
    asked = "What is the idea?" if not idea else "What kind of commercial idea is that?"
    question = Question(
        text=text(f"{asked} Say it in a sentence; these are known: {titles}."),
        fields=("idea",),
        choices=tuple(offer.example for offer in offers.values()),
    )
    data = RenewalProposal(account_id=case.account.id, idea=idea, offers=(), proposed=False)
    head = Verdict(tone="neutral", headline=text(f"{case.account.name}: nothing is proposed yet."))
    return Outcome(Report(RenewalData(data), (head,), ()), question=question)


def _verdict(case: RenewalCase, offers: Mapping[str, Offer]) -> Verdict:
    kinds = listing([offer.title.lower() for offer in offers.values()])
    lines = (
        text("ARR ", case.found.figures["arr"], f"; health {case.tier}, churn level {case.level}."),
        text("Price and terms are for Sales and commercial leadership to decide; until then nothing is said of it."),
    )
    return Verdict(tone="neutral", headline=text(f"{case.account.name}: an idea for approval ({kinds})"), lines=lines)


def _draft(case: RenewalCase, idea: str, offers: Mapping[str, Offer]) -> Draft:
    """What those who approve read: the idea, the contract, why it is needed, and what else was found."""
    fields = [
        DraftField(label="Idea", text=text(idea)),
        DraftField(label="Contract", text=_contract(case)),
        DraftField(label="Health", text=text(f"{case.tier}, churn level {case.level}")),
        DraftField(label="Why", text=_why(case)),
        DraftField(label="Value", text=_value(case)),
        DraftField(label="In the way", text=_in_the_way(case)),
    ]
    return Draft(
        title=text(f"Commercial idea for {case.account.name}"),
        audience="internal",
        fields=tuple(fields),
        account_id=case.account.id,
        commits=tuple(Found(kind=offer.kind, words=idea, rule=f"renewal.{key}") for key, offer in offers.items()),
    )


def _contract(case: RenewalCase) -> Text:
    arr = text("ARR ", case.found.figures["arr"])
    if not case.dates:
        return text(arr, ", no renewal date on record")
    if "lapsed" in case.dates:
        return text(arr, ", lapsed on ", case.dates["renewal"])
    return text(arr, ", decision by ", case.dates["decision"], ", renewal ", case.dates["renewal"])


def _why(case: RenewalCase) -> Text:
    reasons = [question.because for question in agenda(case)[:-1]]
    return joined(reasons, "; ") if reasons else text("no risk is on record: say why it is needed")


def _in_the_way(case: RenewalCase) -> Text:
    first = [each.what for each in case.blockers[:MOST_BLOCKERS]]
    if len(case.blockers) > MOST_BLOCKERS:
        first.append(text(f"and {len(case.blockers) - MOST_BLOCKERS} more"))
    return joined(first, "; ") if first else text("nothing on record")


def _value(case: RenewalCase) -> Text:
    delivered, roi = case.value["value.delivered"], case.value["value.roi"]
    if roi.value is None:
        return text("no worth of a reached goal is on record")
    return text(delivered, " delivered ÷ ARR = ", roi)


def _note(ctx: Context, case: RenewalCase, idea: str) -> Touchpoint:
    key = hashlib.sha256(f"{case.account.id}\n{ctx.as_of}\n{idea}".encode()).hexdigest()[:KEY_LENGTH]
    return Touchpoint(
        id=f"renewal-{key}", account_id=case.account.id, date=ctx.as_of, kind="note", text=f"{NOTE}: {idea}"
    )
