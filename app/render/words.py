"""Words that every rendering shares, as plain text."""

from app.domain.blocks import Chart, Citation, Column, Draft, ScoreCard, ScoreLine, Table, Task, TimelineEvent, Tone
from app.domain.figures import Text, text
from app.render.values import Values

NOTICE_LABELS: dict[Tone, str] = {"good": "Good", "neutral": "Note", "warning": "Warning", "bad": "Problem"}

TONE_MARKS: dict[Tone, str] = {"good": "✓", "neutral": "·", "warning": "!", "bad": "✗"}

SOURCES = "Sources:"

SCORE_COLUMNS = (
    Column(label="Component"),
    Column(label="Points", align="right"),
    Column(label="Of", align="right"),
    Column(label="Because"),
)


def score_headline(card: ScoreCard, values: Values) -> str:
    """The score and its tier: "Score 78.4 of 100 (yellow, provisional)"."""
    tier = f"{card.tier}, provisional" if card.provisional else card.tier
    return "Score unknown" if card.score is None else f"Score {values.value(card.score)} of 100 ({tier})"


def score_band(card: ScoreCard, values: Values) -> str:
    """How far the score can be trusted: "band 70.1 to 85.2, coverage 87%"; without a band where it is one point."""
    low, high, coverage = (values.value(ref) for ref in (card.low, card.high, card.coverage))
    return f"coverage {coverage}" if low == high else f"band {low} to {high}, coverage {coverage}"


def points(line: ScoreLine, values: Values) -> str:
    """A component's points, or why it has none: "unknown", "not applicable"."""
    return line.state.replace("_", " ") if line.points is None else values.value(line.points)


def task_note(task: Task) -> str:
    """Whose a task is and by when: "CSM, due 2026-03-01"."""
    return f"{task.owner}, due {task.due.isoformat()}" if task.due else task.owner


def timeline_mark(event: TimelineEvent) -> str:
    """The day and how it went: "2026-03-01 ✓"."""
    return f"{event.on.isoformat()} {TONE_MARKS[event.tone]}"


def chart_table(chart: Chart) -> Table:
    """The chart's values as a table, for channels that cannot draw: a row for each label."""
    columns = (Column(label=""), *(Column(label=each.label, align="right") for each in chart.series))
    points = zip(*(each.points for each in chart.series), strict=True)
    rows: list[tuple[Text, ...]] = [
        (text(label), *(text("–") if ref is None else (ref,) for ref in refs))
        for label, refs in zip(chart.labels, points, strict=True)
    ]
    return Table(columns=columns, rows=tuple(rows), more=chart.note)


def draft_note(draft: Draft) -> str:
    """Whom a draft is for."""
    return {"internal": "draft, internal", "customer": "draft for the customer"}[draft.audience]


def citation_title(citation: Citation) -> str:
    """The article and the heading within it."""
    return f"{citation.title} › {citation.heading}" if citation.heading else citation.title


def citation_place(citation: Citation) -> str:
    """The document and its lines: "errors.md, lines 12–34"."""
    first, last = citation.lines
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    return f"{citation.document}, {lines}"
