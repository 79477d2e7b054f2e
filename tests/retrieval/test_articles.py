"""The shipped articles: their numbers are the tools' numbers, and they are found by the questions they answer."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.retrieval import documents
from app.retrieval.chunk import chunk
from app.retrieval.embed import FindEmbedder, NoEmbedder, find_embedder
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import Mode, SearchResult, load_thresholds
from app.store.engine import Store
from tests.demo_folder import fill
from tests.retrieval.conftest import no_embedder

ROOT = Path(__file__).parents[2]
ARTICLES = ROOT / "knowledge"
QUESTIONS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text("utf-8"))


def article(name: str) -> str:
    return (ARTICLES / f"{name}.md").read_text("utf-8")


def test_there_is_an_article_for_each_subject() -> None:
    articles = documents.read_folder(ARTICLES)
    assert len(articles) >= 10
    assert {a.id.removeprefix(documents.SHIPPED) for a in articles} == {path.stem for path in ARTICLES.glob("*.md")}
    assert {a.audience for a in articles} == {"internal", "customer"}
    assert all(len(chunk(a.text)) >= 5 for a in articles)


def test_the_severity_article_has_the_targets_of_the_health_score() -> None:
    targets = yaml.safe_load((ROOT / "tools" / "health.yaml").read_text("utf-8"))["components"]["resolution_time"]
    for severity, hours in targets["target_hours"].items():
        assert re.search(rf"^\| {severity} \|.*\| {hours} hours \|$", article("severity-policy"), re.M)


def test_the_health_article_has_the_weights_and_tiers_of_the_tool() -> None:
    settings = yaml.safe_load((ROOT / "tools" / "health.yaml").read_text("utf-8"))
    names = {
        **{"daily active users": "dau", "API calls": "api_calls", "feature adoption": "feature_adoption", "NPS": "nps"},
        **{"response to outreach": "outreach", "champion": "champion", "ticket volume": "ticket_volume"},
        **{"time to resolution": "resolution_time", "escalations": "escalations", "outcomes": "outcomes"},
    }
    stated = re.findall(r"^\| ([A-Za-z ]+) \| (\d+) \|", article("health-score"), re.M)
    assert {names[name]: int(points) for name, points in stated} == settings["weights"]
    assert f"| green | {settings['tiers']['green']} and above" in article("health-score")
    assert f"| red | below {settings['tiers']['yellow']} |" in article("health-score")


def test_the_feedback_article_works_the_example_out_rightly() -> None:
    assert 50 * 10 * 0.8 / 4 == 100
    assert "RICE = 50 × 10 × 0.8 ÷ 4 = 100." in article("feedback-and-rice")


@dataclass(frozen=True)
class Found:
    """The results of all questions in one mode."""

    mode: Mode
    results: dict[str, SearchResult]

    def rank(self, question: str, name: str) -> int:
        """Place of the article among the results, from 1; 99 where it is not there."""
        ids = [passage.document for passage in self.results[question].results]
        wanted = f"{documents.SHIPPED}{name}"
        return ids.index(wanted) + 1 if wanted in ids else 99


async def ask_everything(folder: Path, find: FindEmbedder) -> dict[str, SearchResult]:
    store = Store(f"sqlite:///{folder}/cse.db", folder)
    knowledge = Knowledge(store, folder, find, load_thresholds())
    try:
        await knowledge.sync(ARTICLES)
        asked = [item["question"] for item in QUESTIONS["on_topic"]]
        return {q: await knowledge.search(q) for q in asked + QUESTIONS["off_topic"] + QUESTIONS["near_topic"]}
    finally:
        await knowledge.close()
        store.close()


@pytest.fixture(scope="module", params=["lexical", "hybrid"])
def found(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    find: FindEmbedder = no_embedder
    if request.param == "hybrid":
        find = partial(find_embedder, None)
        try:
            find()
        except NoEmbedder as reason:
            pytest.skip(str(reason))
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "hybrid":
        fill(folder)  # with the articles' vectors: they take ten seconds to make
    else:
        shutil.copy(migrated, folder)
    results = asyncio.run(ask_everything(folder, find))
    assert {result.mode for result in results.values()} == {request.param}
    return Found(request.param, results)


LEAST = {"lexical": {"first": 28, "third": 32}, "hybrid": {"first": 31, "third": 33}}
"""Of 34 questions, so many have their article first and among the first three; measured: 29 and 33, 32 and 34."""


def test_questions_find_their_article(found: Found) -> None:
    ranks = [found.rank(item["question"], item["article"]) for item in QUESTIONS["on_topic"]]
    assert sum(rank == 1 for rank in ranks) >= LEAST[found.mode]["first"]
    assert sum(rank <= 3 for rank in ranks) >= LEAST[found.mode]["third"]


MOST_CAVEATS = {"lexical": 2, "hybrid": 1}
"""So many of 18 questions without an article get one all the same, as one that may not answer: an article speaks of
what plans cost in general, and by words alone a puppy is trained like a customer."""


def test_questions_without_an_article_are_handed_over(found: Found) -> None:
    outcomes = [found.results[question].outcome for question in QUESTIONS["off_topic"] + QUESTIONS["near_topic"]]
    assert outcomes.count("answer") == 0
    assert outcomes.count("caveat") <= MOST_CAVEATS[found.mode]


def test_few_questions_with_an_article_are_handed_over(found: Found) -> None:
    outcomes = [found.results[item["question"]].outcome for item in QUESTIONS["on_topic"]]
    assert outcomes.count("handover") <= 3
    assert outcomes.count("answer") >= 19
