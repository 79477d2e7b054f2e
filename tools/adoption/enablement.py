"""/adoption enablement: agenda, exercise, questions and answers of a training; each heading begins a slide."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Citation, Citations, Column, Heading, Notice, Paragraph, Table, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.figures import Evidence, Figure, Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import Contact
from app.domain.snapshot import Voice
from tools.adoption.arguments import AdoptionArgs, Attendees
from tools.adoption.data import EnablementData, QuestionData
from tools.adoption.mentions import is_named_in, slug
from tools.adoption.parameters import SAID_DAYS, AdoptionParameters, AgendaPart, Enablement, Topic
from tools.adoption.telling import counted_days
from tools.health.wording import listing

DEVELOPER: Attendees = "developer"
LONGEST_ANSWER = 240
ASK_TOPIC = "What is the training about? Name a feature or a topic, such as webhooks or single sign-on."

_MARKS = re.compile(r"[*_`]+|\[([^\]]*)\]\([^)]*\)")
_NO_PROSE = re.compile(r"^\s*(?:[|#>]|```|[-*+]\s|\d+\.\s|$)")


def needs(args: AdoptionArgs) -> Needs:
    """The account, where one is named, what was asked, and what the knowledge base holds on the topic.

    Raises:
        InvalidArguments: no topic is given.
    """
    if not args.about:
        raise InvalidArguments(ASK_TOPIC, missing=["topic"])
    query = args.about.replace("_", " ")
    return Needs(account=args.account, voices_since=SAID_DAYS - 1, knowledge=query, articles=True)


def run(ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> Outcome:
    """The material. Nothing is written."""
    return Outcome(_Material(ctx, args, parameters).report())


def topic_of(about: str, rules: Enablement) -> Topic:
    """The topic that is meant by its key, its title or one of its words; else the one for any topic."""
    said = about.replace("_", " ")
    for key, topic in rules.topics.items():
        if is_named_in(said, key, {key: (topic.title, *topic.words)}):
            return topic
    made = rules.any_topic
    lab = tuple(step.model_copy(update={"do": step.do.format(topic=said)}) for step in made.lab)
    return made.model_copy(update={"title": said, "purpose": made.purpose.format(topic=said), "lab": lab})


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of people who were at it before; `answer` is None where no article answers it."""

    question: str
    answer: str | None
    source: str


class _Material:
    def __init__(self, ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> None:
        self._ctx, self._rules, self._args = ctx, parameters.enablement, args
        self._attendees: Attendees = args.attendees or DEVELOPER
        self._topic = topic_of(args.about or "", self._rules)
        said = (args.about or "").replace("_", " ")
        others = parameters.feature_words.get(args.about or "", ())
        self._words = {said: (self._topic.title, *self._topic.words, *others)}
        self._name = said

    def report(self) -> Report:
        articles, tickets = self._articles(), self._tickets()
        blocks = (
            self._verdict(articles, tickets),
            *self._agenda(),
            *self._lab(),
            *self._questions(articles, tickets),
            *self._recording(),
            *self._after(),
            *self._gaps(articles),
        )
        asked = [*self._asked(articles), *(_Asked(v.subject, None, f"ticket {v.id}") for v in tickets)]
        data = EnablementData(
            topic=self._topic.title,
            account=self._ctx.account.account.id if self._ctx.account else None,
            attendees=self._attendees,
            minutes=sum(part.minutes for part in self._parts()),
            recording=self._args.recording,
            questions=tuple(QuestionData(question=a.question, answer=a.answer, source=a.source) for a in asked),
        )
        return Report(data, blocks, (self._number_asked(tickets),))

    # ── What there is ─────────────────────────────────────────────────────────────────────────────────────────────

    def _parts(self) -> list[AgendaPart]:
        return [part for part in self._rules.agenda if not part.for_ or self._attendees in part.for_]

    def _articles(self) -> tuple[Citation, ...]:
        """Passages of articles for customers whose title or heading names the topic; others are like it alone."""
        open_to_all = {article.id for article in self._ctx.articles if article.audience == "customer"}
        found = (c for c in self._ctx.passages if c.document in open_to_all and self._is_about(c))
        return tuple(found)[: self._rules.questions_shown]

    def _is_about(self, passage: Citation) -> bool:
        return is_named_in(f"{passage.title}\n{passage.heading}", self._name, self._words)

    def _tickets(self) -> tuple[Voice, ...]:
        """What was asked about it in tickets: of the account, or of all accounts in sight."""
        asked = (
            voice
            for voice in self._ctx.voices
            if voice.kind == "tickets"
            and voice.about.casefold() in self._rules.ticket_categories
            and is_named_in(f"{voice.subject}\n{voice.text}", self._name, self._words)
        )
        return tuple(asked)[: self._rules.questions_shown]

    def _asked(self, articles: Sequence[Citation]) -> Iterator[_Asked]:
        for article in articles:
            yield _Asked(article.heading or article.title, answer_of(article.text), article.title)

    # ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _verdict(self, articles: Sequence[Citation], tickets: Sequence[Voice]) -> Verdict:
        account, who = self._ctx.account, self._rules.attendees[self._attendees]
        whom = f" at {account.account.name}" if account else ""
        minutes = sum(part.minutes for part in self._parts())
        answers = f"{len(articles)} answer{'' if len(articles) == 1 else 's'}"
        lines = [
            text(f"{minutes} minutes, an exercise of {len(self._topic.lab)} steps, {answers} from the knowledge base."),
            text(f"Asked about it in how-to tickets of {SAID_DAYS} days: ", self._number_asked(tickets), "."),
        ]
        if account and (people := self._people()):
            lines.append(text(f"Invite: {listing([person.name or person.id for person in people])}."))
        held = f"/adoption {account.account.id} held {self._name} on=YYYY-MM-DD" if account else ""
        after = f" After it: {held} puts it on record." if held else ""
        lines.append(text(f"Next: go through the exercise yourself, then send the invitation.{after}"))
        return Verdict(tone="neutral", headline=text(f"{self._topic.title} for {who}{whom}"), lines=tuple(lines))

    def _people(self) -> list[Contact]:
        """The people whom it is for and who have not left."""
        snapshot = self._ctx.account
        if snapshot is None:
            return []
        here = (c for c in snapshot.contacts if c.left_on is None or c.left_on > snapshot.as_of)
        return [contact for contact in here if contact.stakeholder == self._attendees]

    def _agenda(self) -> Iterator[Block]:
        who, needed = self._rules.attendees[self._attendees], listing(self._topic.needs)
        about = {"What for": self._topic.purpose, "For whom": who[:1].upper() + who[1:], "What you need": needed}
        yield Heading(text=text("Session"))
        yield _table(("About", "This session"), tuple((text(k), text(v)) for k, v in about.items() if v))
        yield Heading(text=text("Agenda"))
        rows = tuple(
            (text(str(part.minutes)), text(part.part.format(topic=self._topic.title)), text(part.outcome))
            for part in self._parts()
        )
        yield _table(("Minutes", "Part", "What you take away"), rows)

    def _lab(self) -> Iterator[Block]:
        yield Heading(text=text("Exercise"))
        rows = tuple(
            (text(str(number)), text(step.do), text(step.see)) for number, step in enumerate(self._topic.lab, start=1)
        )
        yield _table(("Step", "Do this", "What you should see"), rows)

    def _questions(self, articles: Sequence[Citation], tickets: Sequence[Voice]) -> Iterator[Block]:
        answered = [asked for asked in self._asked(articles) if asked.answer]
        if answered:
            yield Heading(text=text("Questions and answers"))
            yield _table(("Question", "Answer"), tuple((text(a.question), text(a.answer or "")) for a in answered))
        if tickets and self._ctx.account is not None:
            yield Heading(text=text("What you asked before"))
            yield _table(("Ticket", "Subject"), tuple((text(v.id), text(v.subject)) for v in tickets))
        elif tickets:
            yield Heading(text=text("What customers asked: for you, without their names"))
            yield _table(("Question", "Day"), tuple((text(v.subject), text(str(v.day))) for v in tickets))
        if articles:
            yield Heading(text=text("Passages to read from"), folded=True)
            yield Citations(items=tuple(articles))

    def _recording(self) -> Iterator[Block]:
        if self._args.recording:
            yield Heading(text=text("Recording"))
            yield Paragraph(text=text(f"The recording is at {self._args.recording}"))

    def _after(self) -> Iterator[Block]:
        yield Heading(text=text("After the session"), folded=True)
        rows = tuple(
            (text(play.tactic), text(play.owner), text(f"within {counted_days(play.working_days)}"))
            for play in self._rules.after
        )
        yield _table(("What follows", "Who", "When"), rows)

    def _gaps(self, articles: Sequence[Citation]) -> Iterator[Notice]:
        if not articles:
            said = f"No article speaks of {self._name}: bring the answers yourself, and write one after the session."
            yield Notice(tone="warning", text=text(said))
        if self._topic.title == self._name:
            said = "The exercise is the general one: put in the steps of the product before you send it."
            yield Notice(tone="warning", text=text(said))

    def _number_asked(self, tickets: Sequence[Voice]) -> Figure:
        """How many tickets asked about it: of the account, else of all accounts in sight."""
        account = self._ctx.account.account.id if self._ctx.account else None
        evidence = tuple(Evidence(kind="tickets", id=ticket.id, date=ticket.day) for ticket in tickets)
        return Figure(
            key=f"enablement.{slug(self._name)}.questions.{SAID_DAYS}d",
            label=f"Tickets that ask about {self._name}",
            value=len(tickets),
            unit="tickets",
            account_id=account,
            as_of=self._ctx.as_of,
            formula=f"tickets of {listing(self._rules.ticket_categories)} in {SAID_DAYS} days that name it, "
            f"at most {self._rules.questions_shown}",
            evidence=evidence if account else (),
        )


def answer_of(passage: str) -> str | None:
    """The first paragraph of prose in a passage, without marks; None where it has none."""
    lines: list[str] = []
    for line in passage.splitlines():
        if _NO_PROSE.match(line):
            if lines:
                break
            continue
        lines.append(line.strip())
    told = _MARKS.sub(lambda mark: mark[1] or "", " ".join(lines))
    if len(told) <= LONGEST_ANSWER:
        return told or None
    return f"{told[:LONGEST_ANSWER].rsplit(' ', 1)[0]} …"


def _table(labels: Sequence[str], rows: tuple[tuple[Text, ...], ...]) -> Table:
    right = ("Minutes", "Step")
    columns = tuple(Column(label=label, align="right" if label in right else "left") for label in labels)
    return Table(columns=columns, rows=rows)
