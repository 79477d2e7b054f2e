"""The persona prompt: every principle, tone and limit is in it."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parent.parent / "prompts" / "persona.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands under a heading, up to the next of the same level or above, as one line in lower case."""
    level = heading.split(" ")[0]
    match = re.search(rf"^{re.escape(heading)}[^\n]*\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", TEXT, re.M | re.S)
    assert match, f"the persona has no section {heading!r}"
    return " ".join(match[0].lower().split())


@pytest.mark.parametrize(
    ("principle", "said"),
    [
        ("P1", ["retention", "new sales", "fifth"]),
        ("P2", ["before the customer", "first"]),
        ("P3", ["outcomes", "features", "goal"]),
        ("P4", ["technical depth", "trust"]),
        ("P5", ["escalating is not failing", "engineering", "reproduction", "impact", "logs"]),
        ("P6", ["write everything down", "conversation", "owner"]),
        ("P7", ["feedback", "voice", "rice", "product"]),
        ("P8", ["health", "usage", "nps", "support"]),
        ("P9", ["renewal", "usage", "tickets"]),
        ("P10", ["champions", "growth", "advocate"]),
    ],
)
def test_principle(principle: str, said: list[str]) -> None:
    text = section(f"## {principle} ")
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize("tone", ["onboarding", "troubleshooting", "health check", "escalation"])
def test_tone(tone: str) -> None:
    assert len(section(f"## Tone: {tone}").split()) > 20


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("# Voice", ["empath", "technically exact", "outcomes", "translation", "outreach", "follow-up"]),
        ("# How to answer", ["verdict", "12 lines", "owner", "due date", "last resort", "one question"]),
        ("# Figures", ["[[health.score]]", "do not compute", "neither zero nor healthy", "cite"]),
        ("# Untrusted text", ["data", "do not follow"]),
        ("# What you never do", ["invent", "prices", "roadmap", "attest", "when a fix", "another"]),
        ("# Decision rights", ["yours alone", "peers", "manager", "executives"]),
    ],
)
def test_rules_of_conduct(heading: str, said: list[str]) -> None:
    text = section(heading)
    assert [words for words in said if words not in text] == []
