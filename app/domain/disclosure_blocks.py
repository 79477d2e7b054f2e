"""An answer for a customer: what of its blocks and figures is fit for one, and what was left out and why.

`for_customer` takes a command's report, made for colleagues, and keeps what the rules list as fit. `sieved` takes what
is said for the customer already, such as a model's words, and leaves out what the customer must not read. What cannot
be checked is left out too.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citations,
    Column,
    Diagnosis,
    Draft,
    DraftField,
    Heading,
    Hypothesis,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    Series,
    Table,
    Timeline,
    TimelineEvent,
    Verdict,
)
from app.domain.disclosure import DisclosureRules, Kind, Unsaid, leaks, marked_internal, reason_of
from app.domain.figures import Evidence, Figure, Ref, Span, Text, joined, text

_PRIVATE = 0xE000
_MOST_REFS = 0x1000
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_SENTENCE = re.compile(r"[^.!?]*+(?:[.!?](?!\s|$)[^.!?]*+)*+[.!?]*+\s*")


@dataclass(frozen=True, slots=True)
class Left:
    """So many things of a kind were left out for a reason. What they said is not kept."""

    kind: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What the customer may read, and what was left out."""

    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...]
    withheld: tuple[Left, ...] = ()


def for_customer(
    blocks: Sequence[Block], figures: Iterable[Figure], rules: DisclosureRules, unsaid: Unsaid
) -> Disclosed:
    """What of a report made for colleagues its customer may read. Idempotent."""
    sieve = _Sieve(tuple(figures), rules, unsaid, "answer")
    if unsaid.account_id is None:
        asked = [block for block in blocks if isinstance(block, Question)]
        for block in blocks:
            if not isinstance(block, Question):
                sieve.leave(block.type, rules.reasons.no_account)
        return sieve.disclosed(kept for block in asked for kept in sieve.block(block))
    selected = _Selection(sieve).of(blocks)
    told = [kept for block in selected for kept in sieve.block(block)]
    if any(isinstance(block, Draft) for block in told):
        told = [block for block in told if not isinstance(block, Verdict) or is_content(block, rules)]
    else:
        told += _numbers(told, sieve)
    return sieve.disclosed(_without_empty_sections(told, rules))


def sieved(
    blocks: Iterable[Block], figures: Iterable[Figure], rules: DisclosureRules, unsaid: Unsaid, kind: Kind = "answer"
) -> Disclosed:
    """What is said for the customer, without what it must not read. Idempotent."""
    sieve = _Sieve(tuple(figures), rules, unsaid, kind)
    told = [kept for block in blocks for kept in sieve.block(block)]
    return sieve.disclosed(_without_empty_sections(told, rules))


def merged(withheld: Iterable[Left]) -> tuple[Left, ...]:
    """The same, each kind and reason once."""
    counts: Counter[tuple[str, str]] = Counter()
    for left in withheld:
        counts[left.kind, left.reason] += left.count
    return tuple(Left(kind, reason, count) for (kind, reason), count in counts.items())


def left_out(withheld: Iterable[Left], rules: DisclosureRules) -> tuple[Block, ...]:
    """What tells a colleague what was left out: kinds, counts and reasons, never the content."""
    told = rules.told
    rows = tuple(
        (text(told.kinds.get(left.kind, told.kinds["other"])), text(str(left.count)), text(left.reason))
        for left in merged(withheld)
    )
    if not rows:
        return ()
    what, count, because = told.left_out_columns
    columns = (Column(label=what), Column(label=count, align="right"), Column(label=because))
    return Heading(text=text(told.left_out)), Table(columns=columns, rows=rows)


def is_content(block: Block, rules: DisclosureRules) -> bool:
    """Whether the block tells a customer something by itself."""
    if isinstance(block, Verdict):
        return bool(block.lines) or not str(block.headline[0]).startswith(rules.told.headline)
    return not isinstance(block, Heading | Notice | Question)


def is_to_colleague(block: Block) -> bool:
    """Whether the block speaks to the colleague who asked, not to the customer."""
    return isinstance(block, Notice | Question)


class _Selection:
    """Of a report made for colleagues, the blocks that the rules list as fit for its customer."""

    def __init__(self, sieve: "_Sieve") -> None:
        self._sieve = sieve
        self._rules = sieve.rules
        self._is_for_colleagues = False

    def of(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            yield from self._sieve.guarded(block, self._block)

    def _block(self, block: Block) -> Iterator[Block]:
        reasons, sieve = self._rules.reasons, self._sieve
        if isinstance(block, Heading):
            named = sieve.flat(block.text)
            self._is_for_colleagues = named is None or named.strip().casefold() not in self._rules.sections
        if isinstance(block, Draft):
            yield from self._draft(block)
        elif isinstance(block, Question | Diagnosis):
            yield block
        elif why := self._rules.blocks.get(block.type):
            sieve.leave(block.type, why)
        elif self._is_for_colleagues:
            if not isinstance(block, Heading):
                sieve.leave(block.type, reasons.section)
        elif isinstance(block, Verdict):
            yield self._verdict(block)
        elif isinstance(block, Paragraph) and not sieve.states_a_figure(block.text):
            sieve.leave(block.type, reasons.section)
        elif isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Heading | Paragraph | Metrics | Chart | Citations):
            yield block
        else:
            sieve.leave("other", reasons.broken)

    def _draft(self, block: Draft) -> Iterator[Block]:
        sieve = self._sieve
        if block.audience != "customer" or block.account_id not in (None, sieve.unsaid.account_id):
            sieve.leave("draft", self._rules.reasons.draft)
        else:
            yield block

    def _verdict(self, block: Verdict) -> Block:
        """A verdict judges for colleagues: what of it states nothing but the customer's own figures is kept."""
        sieve, reasons = self._sieve, self._rules.reasons
        neutral = sieve.neutral_headline()
        lines = tuple(line for line in block.lines if sieve.states_a_figure(line))
        is_told = block.headline == neutral or sieve.states_a_figure(block.headline)
        if fallen := len(block.lines) - len(lines) + (not is_told):
            sieve.leave("verdict", reasons.verdict, fallen)
        return Verdict(tone="neutral", headline=block.headline if is_told else neutral, lines=lines)

    def _table(self, block: Table) -> Iterator[Block]:
        """The columns that the rules list; a table whose first column is not among them says nothing without it."""
        names = self._rules.columns
        called = [names.get(column.label) or self._own(column.label) for column in block.columns]
        places = [place for place, label in enumerate(called) if label]
        if not places or places[0] != 0 or len(places) < 2:
            self._sieve.leave("table", self._rules.reasons.section)
            return
        if len(places) < len(called):
            self._sieve.leave("column", self._rules.reasons.column, len(called) - len(places))
        columns = tuple(block.columns[place].model_copy(update={"label": called[place]}) for place in places)
        rows = tuple(tuple(row[place] for place in places) for row in block.rows)
        yield Table(columns=columns, rows=rows, more=block.more)

    def _own(self, label: str) -> str | None:
        return label if label in self._rules.columns.values() else None


class _Sieve:
    """Keeps of each block what the customer may read, and counts what it leaves out."""

    def __init__(self, figures: tuple[Figure, ...], rules: DisclosureRules, unsaid: Unsaid, kind: Kind) -> None:
        self.figures, self.rules, self.unsaid, self.kind = figures, rules, unsaid, kind
        self._left: list[Left] = []
        self._by_ref: dict[tuple[str, str | None], Figure] = {}
        for figure in figures:
            self._by_ref.setdefault((figure.key, figure.account_id), figure)

    def leave(self, kind: str, reason: str, count: int = 1) -> None:
        self._left.append(Left(kind, reason, count))

    def disclosed(self, blocks: Iterable[Block]) -> Disclosed:
        told = tuple(blocks)
        used = {(ref.figure, ref.account_id) for block in told for ref in refs_of(block)}
        shown = tuple(_bare(f, self) for f in self.figures if (f.key, f.account_id) in used)
        return Disclosed(told, shown, merged(self._left))

    def guarded(self, block: Block, keep: "Callable[[Block], Iterator[Block]]") -> tuple[Block, ...]:
        """What is kept of the block; nothing where that cannot be told."""
        try:
            return tuple(keep(block))
        except Exception:
            self.leave("other", self.rules.reasons.broken)
            return ()

    def block(self, block: Block) -> tuple[Block, ...]:
        return self.guarded(block, self._sift)

    def neutral_headline(self) -> Text:
        return text(f"{self.rules.told.headline} {self.unsaid.name or self.unsaid.account_id}")

    def states_a_figure(self, said: Text) -> bool:
        """Whether it states figures, all of them such as the customer may read."""
        refs = [span for span in said if isinstance(span, Ref)]
        return bool(refs) and all(self.figure(ref) is not None for ref in refs)

    def figure(self, ref: Ref) -> Figure | None:
        """The figure that a text states, where the customer may read it."""
        found = self._by_ref.get((ref.figure, ref.account_id))
        if found is None or found.account_id is None or found.account_id != self.unsaid.account_id:
            return None
        return found if self.rules.may_tell(found.key) is not None else None

    def flat(self, said: Text) -> str | None:
        """The text with its figures filled in; None where one must not be told."""
        parts = [self._shown(span) for span in said]
        return None if None in parts else "".join(part for part in parts if part is not None)

    def reason(self, said: Text) -> str | None:
        """Why a text is not for the customer; None where it is."""
        flat = self.flat(said)
        if flat is None:
            return self.rules.reasons.figure
        if marked_internal(flat, self.rules):
            return self.rules.reasons.internal_line
        return reason_of(flat, self.unsaid, self.rules, self.kind)

    def _reason_for_colleague(self, said: Text) -> str | None:
        """Why not even a colleague is told it in an answer for a customer, who may get to see it all the same."""
        flat = self.flat(said)
        return self.rules.reasons.figure if flat is None else reason_of(flat, self.unsaid, self.rules, "message")

    def _shown(self, span: Span) -> str | None:
        if isinstance(span, str):
            return span
        figure = self.figure(span)
        return None if figure is None else (figure.shown or str(figure.value))

    def _is_fit(self, said: Text, kind: str) -> bool:
        why = self.reason(said)
        if why:
            self.leave(kind, why)
        return why is None

    def _sift(self, block: Block) -> Iterator[Block]:
        match block:
            case Heading():
                if self._is_fit(block.text, "heading"):
                    yield block
            case Verdict():
                yield from self._verdict(block)
            case Paragraph():
                if kept := self._sentences(block.text):
                    yield block.model_copy(update={"text": kept})
            case Metrics():
                items = tuple(m for m in block.items if self._is_fit(text(f"{m.label}: ", m.value), "metrics"))
                if items:
                    yield Metrics(items=items)
            case Table():
                yield from self._table(block)
            case Timeline():
                events = tuple(self._event(e) for e in block.items if self._is_fit(e.text, "timeline"))
                if events:
                    yield Timeline(items=events)
            case Chart():
                if self._is_fit(block.title, "chart"):
                    yield from self._chart(block)
            case Draft():
                yield from self._draft(block)
            case Diagnosis():
                yield from self._diagnosis(block)
            case Citations():
                yield from self._citations(block)
            case Notice():
                yield from self._notice(block)
            case Question():
                yield self._question(block)
            case ScoreCard() | Checklist():
                self.leave(block.type, self.rules.blocks.get(block.type, self.rules.reasons.broken))
            case _:
                assert_never(block)

    def _chart(self, block: Chart) -> Iterator[Block]:
        """The series of which the customer may read every point; the note where it is fit."""
        if not all(self._is_fit(text(label), "chart") for label in block.labels):
            return
        if series := tuple(each for each in block.series if self._is_fit(_series(each), "chart")):
            note = block.note if not block.note or self._is_fit(block.note, "chart") else ()
            yield block.model_copy(update={"series": series, "note": note})

    def _verdict(self, block: Verdict) -> Iterator[Block]:
        lines = tuple(line for line in block.lines if self._is_fit(line, "verdict"))
        if self.reason(block.headline) is None:
            yield block.model_copy(update={"tone": "neutral", "lines": lines})
            return
        self.leave("verdict", self.reason(block.headline) or "")
        if self.unsaid.account_id is not None:
            yield Verdict(tone="neutral", headline=self.neutral_headline(), lines=lines)
        else:
            yield from (Paragraph(text=line) for line in lines)

    def _table(self, block: Table) -> Iterator[Block]:
        if not all(self._is_fit(text(column.label), "table") for column in block.columns if column.label):
            return
        rows = tuple(row for row in block.rows if self._is_fit(_row(row), "row"))
        if rows:
            more = block.more if not block.more or self._is_fit(block.more, "row") else ()
            yield block.model_copy(update={"rows": rows, "more": more})

    @staticmethod
    def _event(event: TimelineEvent) -> TimelineEvent:
        return event.model_copy(update={"tone": "neutral"})

    def _draft(self, block: Draft) -> Iterator[Block]:
        if block.audience != "customer" or block.account_id not in (None, self.unsaid.account_id):
            self.leave("draft", self.rules.reasons.draft)
            return
        if not self._is_fit(block.title, "draft"):
            return
        fields = tuple(kept for each in block.fields if (kept := self._draft_field(each)) is not None)
        if any(self.reason(text(f"{each.label}: ", each.text)) for each in fields):
            self.leave("draft", self.rules.reasons.broken)
        elif fields:
            yield block.model_copy(update={"fields": fields, "commits": ()})

    def _draft_field(self, given: DraftField) -> DraftField | None:
        if given.verbatim:
            return given if self._is_fit(given.text, "paragraph") else None
        kept = self._sentences(given.text)
        return given.model_copy(update={"text": kept}) if kept else None

    def _diagnosis(self, block: Diagnosis) -> Iterator[Block]:
        """Where the fault lies, what is known, and causes on the customer's own side, without what we reason from."""
        if given := len(block.assumed) + sum(1 for each in block.hypotheses if each.side != "customer"):
            self.leave("diagnosis", self.rules.reasons.verdict, given)
        known = tuple(said for said in block.known if self._is_fit(said, "diagnosis"))
        causes = tuple(
            Hypothesis(rule=each.rule, title=each.title, certainty=each.certainty, side=each.side, evidence=())
            for each in block.hypotheses
            if each.side == "customer" and self._is_fit(each.title, "diagnosis")
        )
        if known or causes or block.side != "undecided":
            yield Diagnosis(audience="customer", side=block.side, known=known, hypotheses=causes)

    def _citations(self, block: Citations) -> Iterator[Block]:
        """An article for customers is told in its own words; it names no colleague and no other customer."""
        told = []
        for citation in block.items:
            said = "\n".join((citation.document, citation.title, citation.heading, citation.text))
            named = {self.rules.reasons.person, self.rules.reasons.other_customer, self.rules.reasons.link}
            found = [leak for leak in leaks(said, self.unsaid, self.rules, "message") if leak.reason in named]
            if found:
                self.leave("citations", found[0].reason)
            else:
                told.append(citation)
        if told:
            yield Citations(items=tuple(told))

    def _notice(self, block: Notice) -> Iterator[Block]:
        if why := self._reason_for_colleague(block.text):
            self.leave("notice", why)
        else:
            yield Notice(tone="neutral", text=self._marked(block.text))

    def _question(self, block: Question) -> Question:
        """A question is to the colleague. It offers no accounts, and says nothing of others."""
        told = self.rules.told
        if "account" in block.fields:
            return Question(text=self._marked(text(told.which_account)), fields=block.fields)
        asked = block.text if self._reason_for_colleague(block.text) is None else text(told.unclear)
        choices = tuple(choice for choice in block.choices if self._reason_for_colleague(text(choice)) is None)
        return Question(text=self._marked(asked), fields=block.fields, choices=choices)

    def _marked(self, said: Text) -> Text:
        mark = self.rules.told.not_for_customer
        if said and isinstance(said[0], str) and said[0].startswith(mark):
            return said
        return text(f"{mark} ", said)

    def _sentences(self, said: Text) -> Text:
        """The sentences that are fit, and then the whole of them."""
        refs = [span for span in said if isinstance(span, Ref)]
        if len(refs) > _MOST_REFS:
            self.leave("paragraph", self.rules.reasons.broken)
            return ()
        kept = "\n".join(line for line in self._lines(_with_places(said), refs) if line is not None).strip("\n")
        told = _filled(kept, refs)
        return told if kept.strip() and self._is_fit(told, "paragraph") else ()

    def _lines(self, flat: str, refs: list[Ref]) -> Iterator[str | None]:
        for line in flat.split("\n"):
            if marked_internal(line, self.rules):
                self.leave("paragraph", self.rules.reasons.internal_line)
                continue
            found = [match.group() for match in _SENTENCE.finditer(line) if match.group()]
            kept = [each for each in found if not each.strip() or self._is_fit(_filled(each, refs), "paragraph")]
            yield "".join(kept).rstrip() if kept or not found else None


def refs_of(block: Block) -> Iterator[Ref]:
    """The figures that a block refers to."""
    yield from _refs(block.model_dump(mode="python"))


def _refs(value: object) -> Iterator[Ref]:
    if isinstance(value, dict):
        if set(value) == {"figure", "account_id"}:
            yield Ref.model_validate(value)
        else:
            yield from (ref for each in value.values() for ref in _refs(each))
    elif isinstance(value, list | tuple):
        yield from (ref for each in value for ref in _refs(each))


def _numbers(told: Sequence[Block], sieve: _Sieve) -> tuple[Block, ...]:
    """The customer's own figures that no block tells, as a table, in the order of the rules."""
    rules = sieve.rules
    used = {ref.figure for block in told for ref in refs_of(block)}
    rows: list[tuple[Text, Text]] = []
    for key, label in rules.figures.items():
        for figure in sieve.figures:
            if not label or figure.key != key or key in used or figure.value is None:
                continue
            if sieve.figure(Ref(figure=key, account_id=figure.account_id)) is not None:
                rows.append((text(label), text(figure)))
                used.add(key)
    first, second = rules.told.number_columns
    table = Table(columns=(Column(label=first), Column(label=second, align="right")), rows=tuple(rows))
    kept = sieve.block(table) if rows else ()
    return (Heading(text=text(rules.told.numbers)), *kept) if kept else ()


def _bare(figure: Figure, sieve: _Sieve) -> Figure:
    """The figure without links, and without records and words that are not the customer's."""
    rules = sieve.rules
    evidence = tuple(
        Evidence(kind=e.kind, id=e.id, date=e.date, first=e.first, last=e.last, count=e.count)
        for e in figure.evidence
        if e.kind in rules.evidence and (e.id is None or reason_of(e.id, sieve.unsaid, rules) is None)
    )
    label = rules.may_tell(figure.key) or figure.label
    return figure.model_copy(
        update={
            "label": label if reason_of(label, sieve.unsaid, rules) is None else "",
            "formula": figure.formula if reason_of(figure.formula, sieve.unsaid, rules) is None else "",
            "evidence": evidence,
        }
    )


def _without_empty_sections(blocks: Sequence[Block], rules: DisclosureRules) -> Iterator[Block]:
    for place, block in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if not isinstance(block, Heading) or (following is not None and is_content(following, rules)):
            yield block


def _series(series: Series) -> Text:
    return text(f"{series.label}: ", joined((text(ref) for ref in series.points if ref is not None), ", "))


def _row(cells: Sequence[Text]) -> Text:
    return text(*(span for place, cell in enumerate(cells) for span in ((" | ", *cell) if place else cell)))


def _with_places(said: Text) -> str:
    """One string in which each figure is a character of its own."""
    parts: list[str] = []
    number = 0
    for span in said:
        if isinstance(span, str):
            parts.append(_PRIVATE_USE.sub("", span))
        else:
            parts.append(chr(_PRIVATE + number))
            number += 1
    return "".join(parts)


def _filled(flat: str, refs: Sequence[Ref]) -> Text:
    parts = re.split("([\ue000-\uf8ff])", flat)
    return tuple(refs[ord(part) - _PRIVATE] if _PRIVATE_USE.fullmatch(part) else part for part in parts if part)
