"""Step 2 as a block: what is known, what is assumed, and every cause with its evidence for and against."""

from collections.abc import Iterable, Iterator

from app.domain.blocks import Clue as ShownClue
from app.domain.blocks import Diagnosis, Hypothesis
from app.domain.figures import Text, text
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.wording import listing, sentence, sentences


def diagnosis(inquiry: Inquiry) -> Diagnosis:
    """Every cause with its evidence, and apart from them what narrows it down: whom, since when, after what."""
    return Diagnosis(
        side=inquiry.diagnosed.side,
        known=tuple(_known(inquiry)),
        assumed=tuple(_assumed(inquiry)),
        hypotheses=tuple(_hypothesis(inquiry, found) for found in inquiry.diagnosed.causes),
    )


def _known(inquiry: Inquiry) -> Iterator[Text]:
    for found in inquiry.diagnosed.contexts:
        if found.finding.certainty == "known":
            yield sentence(found.finding.title)


def _assumed(inquiry: Inquiry) -> Iterator[Text]:
    for found in inquiry.diagnosed.contexts:
        if found.finding.certainty != "known":
            yield text(f"{found.finding.certainty.capitalize()}: ", *sentence(found.finding.title))


def _hypothesis(inquiry: Inquiry, found: Found) -> Hypothesis:
    finding = found.finding
    settles = () if finding.certainty == "known" else sentences(inquiry.texts(found).settles, found)
    return Hypothesis(
        rule=found.rule.id,
        title=finding.title,
        certainty=finding.certainty,
        side=found.side,
        evidence=tuple(_clues(finding.clues)),
        against=tuple(_clues(finding.against)),
        settles=tuple(text(each) for each in settles),
    )


def _clues(clues: Iterable[Clue]) -> Iterator[ShownClue]:
    """Each clue once, with every place where it stands."""
    places: dict[Text, list[str]] = {}
    for clue in clues:
        places.setdefault(clue.text, []).extend([str(clue.place)] if clue.place else [])
    for said, where in places.items():
        yield ShownClue(text=said, where=listing(list(dict.fromkeys(where))))
