"""The answer for those whose role does not work with customers' people: the risk, and nobody's name or activity."""

from collections.abc import Iterator

from app.domain.blocks import Tone, Verdict
from app.domain.command import Report
from app.domain.figures import Evidence, Figure, Text, text
from tools.champion.cover import Cover, Told
from tools.champion.stakes import account_data, at_stake

TONES: dict[Cover, Tone] = {
    "covered": "good",
    "single": "warning",
    "none": "bad",
    "departed": "bad",
    "unknown": "warning",
}
"""How an account's cover is told."""

HEADLINES: dict[Cover, str] = {
    "unknown": "nobody is on record, so no champion can be told",
    "none": "has no champion: nobody there is marked as one",
    "departed": "has no champion since the last one left",
    "single": "hangs on one champion",
    "covered": "has two champions or more",
}
HIDDEN = "Names, activity and steps are left out: your role does not work with this customer's people. Ask a CSE."


def hidden_report(told: Told) -> Report:
    """The risk alone. Evidence that would name a person is left out too."""
    figures = {f.key: f.model_copy(update={"evidence": _without_people(f)}) for f in told.figures.values()}
    incident = {told.incident.key: told.incident} if told.incident else {}
    verdict = Verdict(
        tone=TONES[told.cover] if told.is_customer else "neutral",
        headline=text(
            f"{told.account.name} {HEADLINES[told.cover]}"
            if told.cover != "unknown"
            else f"{told.account.name}: {HEADLINES['unknown']}"
        ),
        lines=tuple(_lines(told)),
    )
    return Report(account_data(told), (verdict,), tuple((figures | incident).values()))


def _lines(told: Told) -> Iterator[Text]:
    yield at_stake(told) if told.is_customer else text("It is no customer today: nothing is at stake.")
    if told.incident is not None:
        yield text("Open SEV1: ", told.incident, ".")
    yield text(
        "Champions: ", told.figures["contacts.champions"], f"; further people who act like one: {len(told.candidates)}."
    )
    if told.departed:
        yield text(f"Champions who left: {len(told.departed)}.")
    yield text(HIDDEN)


def _without_people(figure: Figure) -> tuple[Evidence, ...]:
    return tuple(each for each in figure.evidence if each.kind not in ("contacts", "nps", "touchpoints"))
