"""Figures, their evidence, and texts that name them."""

import datetime as dt

import pytest
from pydantic import BaseModel, ValidationError

from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Ref, Text, joined, listed, text

AS_OF = dt.date(2026, 3, 31)
SCORE = Figure(key="health.score", label="Score", value=87.5, unit="points", account_id="a", as_of=AS_OF, formula="Σ")


class Holder(BaseModel):
    text: Text


def test_a_text_joins_strings_figures_and_texts() -> None:
    ref = Ref(figure="health.score", account_id="a")
    assert text("Score ", SCORE, text(" of ", "100")) == ("Score ", ref, " of ", "100")
    assert text() == ()
    assert text("[[x]] **not markup**") == ("[[x]] **not markup**",)


def test_a_lone_span_is_a_text() -> None:
    ref = Ref(figure="arr")
    assert Holder.model_validate({"text": "plain"}).text == ("plain",)
    assert Holder(text=ref).text == (ref,)
    assert Holder.model_validate({"text": ["a", {"figure": "arr"}]}).text == ("a", ref)
    with pytest.raises(ValidationError):
        Holder.model_validate({"text": [3]})


def rows(count: int) -> list[tuple[str, dt.date]]:
    """Not in the order of their days."""
    return [(f"t{i}", AS_OF - dt.timedelta(days=(i * 11) % count)) for i in range(count)]


def test_texts_are_joined_with_words_between() -> None:
    assert joined([], ", ") == ()
    assert joined(["a"], ", ") == ("a",)
    assert joined((text(each, "!") for each in "ab"), ", ") == ("a", "!", ", ", "b", "!")


def test_few_records_are_listed_each() -> None:
    evidence = listed("tickets", rows(MAX_LISTED_EVIDENCE), "/x")
    assert [(e.kind, e.id, e.date) for e in evidence] == [("tickets", i, day) for i, day in rows(MAX_LISTED_EVIDENCE)]
    assert {e.href for e in evidence} == {None}
    assert listed("tickets", [], "/x") == ()


def test_many_records_are_a_range_with_a_link() -> None:
    count = MAX_LISTED_EVIDENCE + 1
    (evidence,) = listed("tickets", rows(count), "/v1/accounts/a/tickets")
    assert evidence.model_dump(exclude_none=True) == {
        "kind": "tickets",
        "from": AS_OF - dt.timedelta(days=count - 1),
        "to": AS_OF,
        "count": count,
        "href": "/v1/accounts/a/tickets",
    }


def test_evidence_goes_out_as_from_and_to_and_comes_back() -> None:
    (evidence,) = listed("usage", rows(30), "/u")
    written = evidence.model_dump_json()
    assert '"from":"2026-03-02"' in written
    assert '"first"' not in written
    assert Evidence.model_validate_json(written) == evidence


@pytest.mark.parametrize("value", [87.5, 3, "at risk", None])
def test_a_figure_keeps_its_value_and_type(value: float | int | str | None) -> None:
    figure = SCORE.model_copy(update={"value": value})
    back = Figure.model_validate_json(figure.model_dump_json())
    assert (back.value, type(back.value)) == (value, type(value))


@pytest.mark.parametrize("field", ["value", "key"])
def test_a_figure_is_frozen(field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(SCORE, field, "100")
