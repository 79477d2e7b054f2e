"""What customers said: texts of tickets, NPS comments, what was noted of meetings and signals."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, func, select

from app.domain.snapshot import MOST_VOICES, VOICE_CHARACTERS, Voice, VoiceKind
from app.domain.windows import end_of_day
from app.store.tables import TABLES
from app.store.versions import believed
from app.store.view import DATED_BY, View, open_view

Scope = frozenset[str] | None

NO_COLUMN: ColumnElement[Any] = sa.null()


def build(conn: Connection, scope: Scope, first: dt.date, as_of: dt.date, n: int, zone: ZoneInfo) -> tuple[Voice, ...]:
    """What was said from `first` to `as_of`, both included, at version `n`, newest first; at most MOST_VOICES.

    Texts longer than VOICE_CHARACTERS are cut. A row without any text says nothing and is left out.
    """
    view = open_view(conn, n, as_of, zone, scope, None)
    t, p, m, s = (TABLES[name] for name in ("tickets", "nps", "touchpoints", "signals"))
    voices = [
        *_voices(view, first, zone, "tickets", t.c.category, t.c.subject, t.c.body),
        *_voices(view, first, zone, "nps", NO_COLUMN, NO_COLUMN, p.c.comment, p.c.score),
        *_voices(view, first, zone, "touchpoints", m.c.kind, NO_COLUMN, m.c.text),
        *_voices(view, first, zone, "signals", s.c.kind, NO_COLUMN, s.c.text),
    ]
    voices.sort(key=lambda voice: (-voice.day.toordinal(), voice.kind, voice.id))
    return tuple(voices[:MOST_VOICES])


def _voices(
    view: View,
    first: dt.date,
    zone: ZoneInfo,
    kind: VoiceKind,
    about: ColumnElement[Any],
    subject: ColumnElement[Any],
    words: ColumnElement[Any],
    score: ColumnElement[Any] = NO_COLUMN,
) -> list[Voice]:
    """The newest rows of one table that say something."""
    table = TABLES[kind]
    dated_by = table.c[DATED_BY[kind]]
    dated_by_instant = kind in ("tickets", "nps")
    since = end_of_day(first - dt.timedelta(days=1), zone) if dated_by_instant else first
    until = dated_by < view.end if dated_by_instant else dated_by <= view.as_of
    contact = table.c.contact_id if "contact_id" in table.c else NO_COLUMN
    query = (
        select(
            table.c.id,
            table.c.account_id,
            contact.label("contact_id"),
            dated_by.label("at"),
            about.label("about"),
            _cut(subject).label("subject"),
            _cut(words).label("text"),
            score.label("score"),
        )
        .where(believed(table, view.seen), view.among(table.c.account_id), dated_by >= since, until)
        .where(sa.or_(*(func.trim(text) != "" for text in (subject, words) if text is not NO_COLUMN)))
        .order_by(dated_by.desc(), table.c.id)
        .limit(MOST_VOICES)
    )
    return [_voice(kind, row, zone) for row in view.conn.execute(query)]


def _voice(kind: VoiceKind, row: Sequence[Any], zone: ZoneInfo) -> Voice:
    record_id, account_id, contact_id, at, about, subject, text, score = row
    day = at.astimezone(zone).date() if isinstance(at, dt.datetime) else at
    return Voice(kind, record_id, account_id, contact_id, day, about or "", subject or "", text or "", score)


def _cut(text: ColumnElement[Any]) -> ColumnElement[Any]:
    return text if text is NO_COLUMN else func.substr(text, 1, VOICE_CHARACTERS)
