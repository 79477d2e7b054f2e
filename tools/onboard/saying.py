"""Reading what is typed after a subcommand that writes: a milestone and days, a question, an item, a role."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from app.domain.problems import InvalidArguments
from app.domain.records import CheckState, Party
from tools.onboard.parameters import Item, SignOff
from tools.onboard.plan import Plan, Step

_DAYS = re.compile(
    r"(?<![\w.])(?P<sign>[+−-]?)(?P<number>\d{1,3})\s?(?:(?P<days>working days?|days?|wd|d)|weeks?|w)\b", re.I
)
_WHOSE = re.compile(r"\bwhose\s*=\s*\"?(?P<whose>[a-z]+)\"?", re.I)
_ON = re.compile(r"(?:\bon\s*=?\s*)?(?P<day>\d{4}-\d{2}-\d{2})\b")
_REASON = re.compile(r"\breason\s*=\s*", re.I)
_OPTION = re.compile(r"\b(?P<name>role|by)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^=]*?))(?=\s+\w+\s*=|\s*$)", re.I)
_GO_LIVE = re.compile(r"\s*go[\s-]?live\b", re.I)
_STATES: Mapping[str, CheckState] = {
    "yes": "yes", "done": "yes", "ok": "yes", "no": "no", "open": "no", "n/a": "not_applicable", "na": "not_applicable",
    "not applicable": "not_applicable", "not_applicable": "not_applicable",
}  # fmt: skip
_WEEK = 5
MOST_SLIP = 260


@dataclass(frozen=True, slots=True)
class SaidSlip:
    step: Step
    working_days: int
    whose: Party | None
    reason: str


@dataclass(frozen=True, slots=True)
class SaidSignature:
    """`role` is a key of the sign-offs; `by` is "" where nobody is named."""

    role: str
    by: str


def said_done(said: str, plan: Plan, as_of: dt.date) -> tuple[Step, dt.date]:
    """The milestone that is done, and the day on which it was; today without one.

    Raises:
        InvalidArguments: no such milestone, or a day that lies ahead.
    """
    step, rest = _step(said, plan)
    match = _ON.search(rest)
    if match is None:
        return step, as_of
    try:
        day = dt.date.fromisoformat(match["day"])
    except ValueError:
        raise _invalid(f"{match['day']} is no day. Write it as YYYY-MM-DD.") from None
    if day > as_of:
        raise _invalid(f"{day} lies ahead: a milestone is signed once it is done.")
    return step, day


def said_slip(said: str, plan: Plan) -> SaidSlip:
    """The milestone, by how many working days it moves, whose wait that is, and why.

    Raises:
        InvalidArguments: no such milestone; no days, or 0; a party that is none of the three.
    """
    step, rest = _step(said, plan)
    days = _move(rest)
    if days is None:
        ask = f"By how many working days does {step.code} move?"
        raise _invalid(f"{ask} Write slip {step.code} +5d whose=customer and why.")
    number = int(days["number"]) * (1 if days["days"] else _WEEK)
    if not 1 <= number <= MOST_SLIP:
        raise _invalid(f"A milestone moves by 1 to {MOST_SLIP} working days.")
    rest = _cut(rest, days)
    whose = _WHOSE.search(rest)
    if whose is not None:
        rest = _cut(rest, whose)
    party = whose["whose"].lower() if whose else None
    if party is not None and party not in get_args(Party):
        raise _invalid(f"whose is {', '.join(get_args(Party))}; not {party}.")
    reason = _REASON.sub("", rest).strip(' ,;:.–-"\n')
    signed = -number if days["sign"] in ("-", "−") else number
    named: Party | None = next((each for each in get_args(Party) if each == party), None)
    return SaidSlip(step, signed, named, " ".join(reason.split()))


def _move(said: str) -> "re.Match[str] | None":
    """The days right after the code, else the first with a sign: a reason may name days of its own."""
    found = list(_DAYS.finditer(said))
    leading = (match for match in found if not said[: match.start()].strip())
    return next(leading, None) or next((match for match in found if match["sign"]), None)


def said_answer(said: str, keys: Sequence[str]) -> tuple[str, str]:
    """The question's key and the answer. A question may be told by its number.

    Raises:
        InvalidArguments: no such question, or no answer.
    """
    numbered = {str(number): key for number, key in enumerate(keys, 1)}
    first, rest = _first_of(said, {**{key: key for key in keys}, **numbered})
    if first is None:
        raise _invalid(f"Which question is answered? {', '.join(keys)}. Write answer {keys[0]} and the answer.")
    if not rest:
        raise _invalid(f"What is the answer to {first}? Write answer {first} and what they said.")
    return first, rest


def said_check(said: str, items: Sequence[Item]) -> tuple[Item, CheckState, str]:
    """The item, whether it is in place, and a note.

    Raises:
        InvalidArguments: no such item, no state, or a yes without the note that it needs.
    """
    by_key = {item.key: item for item in items}
    key, rest = _first_of(said, {key: key for key in by_key})
    if key is None:
        raise _invalid(f"Which item? {', '.join(by_key)}. Write check sso yes and a note.")
    state, note = _first_of(rest, {word: word for word in _STATES})
    if state is None:
        raise _invalid(f"Is {key} in place? Write check {key} yes, no or n/a, and a note.")
    found = _STATES[state]
    if found == "yes" and by_key[key].needs_note and not note:
        raise _invalid(f"{key} needs its words: {by_key[key].ask}. Write check {key} yes and them.")
    return by_key[key], found, note


def said_signature(said: str, sign_offs: Mapping[str, SignOff]) -> SaidSignature:
    """Who signs the go-live.

    Raises:
        InvalidArguments: it is no go-live that is signed, or a role that is none of the list's.
    """
    if not _GO_LIVE.match(said):
        raise _invalid("What is signed off? Write sign-off go-live, or sign-off go-live role=business by=NAME.")
    found = _OPTION.finditer(said)
    options = {match["name"].lower(): (match["quoted"] or match["bare"] or "").strip() for match in found}
    wanted = options.get("role", next(iter(sign_offs))).lower()
    role = next((key for key, each in sign_offs.items() if wanted == key or wanted in each.words), None)
    if role is None:
        raise _invalid(f"role is one of {', '.join(sign_offs)}; not {wanted}.")
    return SaidSignature(role, options.get("by", ""))


def _step(said: str, plan: Plan) -> tuple[Step, str]:
    word, *more = said.split(maxsplit=1) or [""]
    rest = "".join(more)
    step = plan.step(word.rstrip(":,;."))
    if step is None:
        codes = ", ".join(each.code for each in plan.steps)
        raise _invalid(f"Which milestone? The plan has {codes}. Begin with its code.")
    return step, rest


def _first_of(said: str, names: Mapping[str, str]) -> tuple[str | None, str]:
    """Which of the names a text begins with, the longest first, and the rest; _ and - count as spaces."""
    plain = said.strip()
    for name in sorted(names, key=len, reverse=True):
        words = re.escape(name).replace("_", "[ _-]")
        match = re.match(rf"{words}(?=[\s:,;.]|$)[\s:,;]*", plain, re.I)
        if match:
            return names[name], plain[match.end() :].strip()
    return None, plain


def _cut(said: str, match: "re.Match[str]") -> str:
    return f"{said[: match.start()]} {said[match.end() :]}"


def _invalid(detail: str) -> InvalidArguments:
    return InvalidArguments(detail, missing=["text"])
