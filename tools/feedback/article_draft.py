"""A draft of an article, extracted from solved tickets about the same: what was seen, and what solved it."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Draft, DraftField
from app.domain.figures import Figure, Text, joined, text
from app.domain.records import Escalation, EscalationUpdate, FeedbackItem, Ticket
from app.domain.snapshot import Voice
from tools.feedback.hearing import masked
from tools.feedback.repeats import Repeat

SOLVING = ("resolved", "check")
FROM_TICKETS = 5


class Sources:
    """What is on record about tickets beside themselves: their text, their escalations, items about the same."""

    def __init__(
        self,
        voices: Sequence[Voice],
        escalations: Sequence[Escalation],
        updates: Sequence[EscalationUpdate],
        longest: int,
    ) -> None:
        self._texts = {voice.id: voice.text for voice in voices if voice.kind == "tickets"}
        self._escalations = {each.ticket_id: each for each in escalations if each.ticket_id}
        self._updates, self._longest = updates, longest

    def body(self, ticket: Ticket) -> str:
        """The ticket's own text on one line, masked and cut."""
        return self._line(self._texts.get(ticket.id, ""))

    def solutions(self, ticket: Ticket) -> Iterator[str]:
        """What its escalation says of the solution."""
        escalation = self._escalations.get(ticket.id)
        if escalation is None:
            return
        for update in self._updates:
            if update.escalation_id == escalation.id and update.kind in SOLVING and update.text:
                yield self._line(update.text)
        if escalation.verified:
            yield self._line(escalation.verified)

    def _line(self, said: str) -> str:
        words = masked(" ".join(said.split()))
        return words if len(words) <= self._longest else f"{words[: self._longest - 1]}…"


def article(repeat: Repeat, sources: Sources, item: FeedbackItem | None, hours: Figure) -> Draft:
    """The draft, and the line that puts it into the knowledge base."""
    body = joined(_lines(repeat, sources, item, hours), "\n")
    save = f"Complete it, save it as knowledge/{repeat.document}.md, then run: cse kb sync"
    return Draft(
        title=text(f"Article: {repeat.title}"),
        audience="internal",
        fields=(
            DraftField(label="Text", text=body, verbatim=True),
            DraftField(label="Into the knowledge base", text=text(save)),
        ),
    )


def _lines(repeat: Repeat, sources: Sources, item: FeedbackItem | None, hours: Figure) -> Iterator[Text]:
    header = f"id: {repeat.document}\ntitle: {_plain(repeat.title)}\naudience: internal\ncategory: {repeat.category}"
    yield text(f"---\n{header}\n---\n")
    yield text("## What customers see\n")
    for ticket in repeat.tickets[-FROM_TICKETS:]:
        said = sources.body(ticket)
        yield text(f"- {_plain(ticket.subject or '')} ({ticket.id}){f': {said}' if said else ''}")
    yield text("\n## What solved it\n")
    solved = [(t.id, line) for t in repeat.tickets for line in sources.solutions(t)]
    for ticket_id, line in solved:
        yield text(f"- {line} ({ticket_id})")
    if item is not None and item.workaround:
        yield text(f"- Until it is fixed: {_plain(item.workaround)} ({item.id})")
    if not solved:
        ids = ", ".join(ticket.id for ticket in repeat.tickets)
        yield text(f"- [The solution is not on record. Ask who solved {ids}, and write it here.]")
    keys = list(dict.fromkeys(t.engineering_key for t in repeat.tickets if t.engineering_key))
    if keys:
        yield text(f"- Engineering: {', '.join(keys)}")
    yield text("\n## How often, and how long\n")
    yield text(
        f"Solved tickets: {len(repeat.tickets)}, together ", hours, " hours from the first response to the solution."
    )


def _plain(said: str) -> str:
    """On one line, without what would be read as a header."""
    return masked(" ".join(said.split())).replace(": ", " – ")
