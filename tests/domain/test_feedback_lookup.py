"""Items by what a person calls them."""

import pytest

from app.domain.feedback_lookup import items_called
from app.domain.records import FeedbackItem

ITEMS = tuple(
    FeedbackItem(id=item_id, title=title, category="bug")
    for item_id, title in (("web", "Webhooks for  refunds"), ("web2", "Webhooks"), ("Web", "A map"), ("x", "map"))
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("web2", ["web2"]),
        ("Web", ["Web"]),
        ("web", ["web"]),
        ("WEBHOOKS", ["web2"]),  # a whole title goes before its words
        ("webhooks for refunds", ["web"]),
        ("refunds  Webhooks", ["web"]),
        ("hooks", ["web", "web2"]),
        ("map", ["x"]),
        ("nothing", []),
        ("  ", []),
    ],
)
def test_by_id_then_title_then_words(words: str, found: list[str]) -> None:
    assert [item.id for item in items_called(ITEMS, words)] == found
