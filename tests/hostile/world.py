"""A data folder in which hostile strings are hidden wherever text can stand, and the same with harmless text.

The account `acme` and those named by hostile strings are in the caller's scope; `vault` is not, and a canary is in all
that is known of it.
"""

import asyncio
import csv
import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.resources import imports, knowledge
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings
from tests.hostile.strings import STRINGS

SHARED = Path(__file__).parents[3] / "shared" / "data" / "injections"
"""Injections of a public benchmark, where they are."""

TODAY = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

CANARY = "Zanzibarium"
"""In everything that is told of the account outside the scope."""

HIDDEN_ARR = 73195548
HIDDEN_IDS = ("vault", "esc-vault", "tic-vault", "con-vault", "fb-vault", "goal-vault")

SECRETS = {
    "llm_api_key": "canary-llm-0f4e1d",
    "embedding_api_key": "canary-embed-93be07",
    "slack_signing_secret": "canary-slack-5521aa",
    "audit_key": "canary-audit-77d0c3-canary-audit-77d0c3-canary-audit",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """Texts by the place where they stand."""

    texts: Mapping[str, Sequence[str]]

    def at(self, place: str) -> Sequence[str]:
        return self.texts.get(place, ())


def public_injections() -> list[str]:
    """The strings of the shared folder; none where it is missing."""
    files = sorted(SHARED.glob("*.jsonl")) if SHARED.is_dir() else []
    return [json.loads(line)["text"] for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def hostile() -> Planted:
    """Our own strings where each is to stand, the public ones wherever there is room for a text."""
    texts: dict[str, list[str]] = {}
    for string in STRINGS:
        for place in string.where:
            texts.setdefault(place, []).append(string.text)
    for place in ("ticket", "note", "document", "feedback", "nps_comment"):
        texts.setdefault(place, []).extend(public_injections())
    return Planted(texts)


def harmless(like: Planted) -> Planted:
    """As many texts in the same places, with nothing in them."""
    return Planted({place: [f"Plain words {n}" for n, _ in enumerate(found)] for place, found in like.texts.items()})


@asynccontextmanager
async def open_world(folder: Path, planted: Planted) -> AsyncIterator[Runtime]:
    """A runtime over the folder, filled with what is planted; its clock stands."""
    secret = {name: SecretStr(value) for name, value in SECRETS.items()}
    settings = Settings(
        _env_file=None,
        data_dir=folder / "data",
        timezone="UTC",
        llm_model="hostile",
        llm_api_key=secret["llm_api_key"],
        embedding_api_key=secret["embedding_api_key"],
        slack_signing_secret=secret["slack_signing_secret"],
        audit_key=secret["audit_key"],
    )
    async with open_runtime(settings, clock=lambda: NOW) as runtime:
        source = folder / "source"
        await asyncio.to_thread(write_files, source, planted)
        report = await imports.run_path(runtime, LOCAL, source, imports.Options(through=TODAY))
        assert not report.errors, report.errors[:5]
        for n, text in enumerate(planted.at("document")):
            await knowledge.put(runtime, LOCAL, f"doc-{n}", f"Article {n}", f"# Article {n}\n\n{text}", "internal")
        yield runtime


def limited(role: str, accounts: Sequence[str]) -> Principal:
    """A key for everything but the vault."""
    return Principal("key_limited", "limited", role, accounts=frozenset(accounts))  # type: ignore[arg-type]


def account_ids(planted: Planted) -> list[str]:
    """The accounts in scope."""
    return ["acme", *(f"named-{n}" for n, _ in enumerate(planted.at("account_name")))]


def write_files(folder: Path, planted: Planted) -> None:
    """The import's files. Names are cut to what a name may have."""
    folder.mkdir(parents=True)
    names = [_name(text) for text in planted.at("account_name")]
    canary = {"name": f"{CANARY} Ltd", "arr": HIDDEN_ARR}
    _write(
        folder / "accounts.csv",
        ("id", "name", "arr", "currency", "owner", "renewal_date", "licensed_seats"),
        ("acme", "Acme", 120000, "USD", "Sam", "2026-09-01", 50),
        *((f"named-{n}", name or "?", 1000 + n, "USD", "Sam", "2026-09-01", 5) for n, name in enumerate(names)),
        ("vault", canary["name"], canary["arr"], "USD", CANARY, "2026-09-01", 50),
    )
    people = [_name(text) for text in planted.at("contact_name")]
    _write(
        folder / "contacts.csv",
        ("id", "account_id", "name", "role"),
        *((f"con-{n}", "acme", name or "?", "CTO") for n, name in enumerate(people)),
        ("con-vault", "vault", f"{CANARY} Person", CANARY),
    )
    _write(
        folder / "tickets.csv",
        ("id", "account_id", "opened_at", "severity", "subject", "body"),
        *(
            (f"tic-{n}", "acme", f"2026-02-{n % 20 + 1:02}T09:00:00Z", f"SEV{n % 4 + 1}", text[:200], text)
            for n, text in enumerate(planted.at("ticket"))
        ),
        ("tic-vault", "vault", "2026-02-05T09:00:00Z", "SEV1", f"{CANARY} payments 503", f"We need {CANARY} webhooks"),
    )
    _write(
        folder / "touchpoints.csv",
        ("id", "account_id", "date", "kind", "text"),
        *((f"tp-{n}", "acme", f"2026-02-{n % 20 + 1:02}", "note", text) for n, text in enumerate(planted.at("note"))),
        ("tp-first", "acme", "2025-06-01", "note", "The first call"),  # before the quarters that are asked for
        ("tp-vault", "vault", "2026-02-05", "note", f"{CANARY} called"),
    )
    _write(
        folder / "nps.csv",
        ("id", "account_id", "responded_at", "score", "comment"),
        *(
            (f"nps-{n}", "acme", f"2026-02-{n % 20 + 1:02}T09:00:00Z", n % 11, text)
            for n, text in enumerate(planted.at("nps_comment"))
        ),
        ("nps-vault", "vault", "2026-02-05T09:00:00Z", 1, f"{CANARY} is unhappy"),
    )
    _write(
        folder / "feedback.csv",
        ("id", "title", "category", "impact", "confidence", "effort_weeks", "account_ids", "quote"),
        *(
            (f"fb-{n}", _name(text) or "?", "ux", n % 9 + 1, 0.5, 2, "acme", text)
            for n, text in enumerate(planted.at("feedback"))
        ),
        ("fb-vault", f"{CANARY} theme", "ux", 5, 0.5, 2, "vault", f"{CANARY} wants it"),
    )
    _write(
        folder / "goals.csv",
        ("id", "account_id", "title"),
        ("goal-acme", "acme", "Halve the handling time"),
        ("goal-vault", "vault", CANARY),
    )
    _write(
        folder / "escalations.csv",
        ("id", "account_id", "opened_at", "title", "kind", "severity"),
        ("esc-acme", "acme", "2026-02-20T09:00:00Z", "Payments fail", "outage", "SEV1"),
        ("esc-vault", "vault", "2026-02-20T09:00:00Z", f"{CANARY} fails", "outage", "SEV1"),
    )


def _name(text: str) -> str:
    return " ".join(text.split())[:200].strip()


def _write(file: Path, *rows: Sequence[object]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
