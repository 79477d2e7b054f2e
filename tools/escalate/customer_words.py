"""What of our own words may go to the customer: sentence by sentence, by rules that are data."""

from dataclasses import dataclass

from app.domain.disclosure import DisclosureRules, Unsaid, lines_of, reason_of, without_own_name
from app.domain.word_rules import PLAIN, Words
from tools.escalate.parameters import EscalateParameters
from tools.escalate.words import reader_of


@dataclass(frozen=True, slots=True)
class Left:
    """A sentence that is left out, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """The sentences for the customer, in order; what is left out; and those kept that need an approval first."""

    kept: tuple[str, ...]
    withheld: tuple[Left, ...]
    needs_approval: tuple[str, ...]


def sift(said: str, unsaid: Unsaid, rules: DisclosureRules, parameters: EscalateParameters) -> Sifted:
    """Keep what is fit for the customer. A time for the fix is kept only where engineering gave it."""
    kept: list[str] = []
    withheld: list[Left] = []
    approval: list[str] = []
    for sentence, is_internal in lines_of(said, rules):
        reason = rules.reasons.internal_line if is_internal else _reason(sentence, unsaid, rules, parameters)
        if reason:
            withheld.append(Left(sentence, reason))
            continue
        promise = _promise(sentence, parameters)
        if promise == "withheld":
            withheld.append(Left(sentence, parameters.to_customer.promise.reason))
            continue
        kept.append(sentence)
        approval += [sentence] if promise == "committed" else []
    return Sifted(tuple(kept), tuple(withheld), tuple(approval))


def _reason(sentence: str, unsaid: Unsaid, rules: DisclosureRules, parameters: EscalateParameters) -> str | None:
    """Why the sentence is not for the customer; None where nothing says so. A negation excuses nothing here."""
    if reason := reason_of(sentence, unsaid, rules):
        return reason
    words = Words(without_own_name(sentence, unsaid))
    for rule in parameters.to_customer.withheld:
        if PLAIN.find(words, rule.words) and not PLAIN.find(words, rule.unless):
            return rule.reason
    return None


def _promise(sentence: str, parameters: EscalateParameters) -> str | None:
    """ "withheld" where a time for the fix is promised, "committed" where engineering gave it, else None."""
    words, rule = Words(sentence), parameters.to_customer.promise
    if PLAIN.find(words, rule.words) is None:
        return None
    if PLAIN.find(words, rule.unless) and not PLAIN.find(words, rule.ahead):
        return None
    return "committed" if reader_of(parameters).find(words, rule.committed) else "withheld"
