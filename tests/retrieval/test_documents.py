"""Documents: what is refused, and what a write makes of the rows."""

import datetime as dt
from pathlib import Path

import pytest

from app.domain.problems import Problem
from app.retrieval import documents
from app.retrieval.documents import MAX_BYTES, Article, InvalidDocument
from app.store.engine import Store
from tests.retrieval.conftest import write_article

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("id_", ["", "a b", "a/b", "../a", "-a", ".a", "a" * 201, "é", "a\n", "a@1", "a#1"])
def test_bad_ids(id_: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        documents.checked(Article(id_, "Title", "Text.", "internal"))
    assert (refused.value.code, refused.value.status) == ("invalid_document_id", 422)


@pytest.mark.parametrize("id_", ["a", "A-1_b.c:d", "1", "a" * 200])
def test_good_ids(id_: str) -> None:
    assert documents.checked(Article(id_, "Title", "Text.", "internal")).id == id_


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "Text."),
        (" ", "Text."),
        ("t" * 301, "Text."),
        ("T", " \n"),
        ("T", "a\x00b"),
        ("T", "a\ud800"),
        ("\x00", "T"),
    ],
)
def test_bad_contents(title: str, text: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        documents.checked(Article("a", title, text, "internal"))
    assert refused.value.code == "invalid_document"


def test_size_is_counted_in_bytes() -> None:
    documents.checked(Article("a", "T", "é" * (MAX_BYTES // 2), "internal"))
    with pytest.raises(Problem) as refused:
        documents.checked(Article("a", "T", "é" * (MAX_BYTES // 2) + "a", "internal"))
    assert (refused.value.code, refused.value.status) == ("document_too_large", 413)


def test_line_ends_and_spaces_in_titles_become_one_kind() -> None:
    assert documents.checked(Article("a", " Two\n words ", "a\r\nb\rc", "customer")) == Article(
        "a", "Two words", "a\nb\nc", "customer"
    )


def test_every_part_of_the_content_is_in_the_digest() -> None:
    versions = [
        Article("a", "T", "x", "internal"),
        Article("a", "U", "x", "internal"),
        Article("a", "T", "y", "internal"),
        Article("a", "T", "x", "customer"),
        Article("a", "Tx", "", "internal"),
    ]
    assert len({article.digest for article in versions}) == len(versions)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("No front matter.\n", "one.md"),
        ("---\nid: one\n---\n\nText.\n", "title"),
        ("---\nid: one\ntitle: One\naudience: everybody\n---\n\nText.\n", "everybody"),
        ("---\nid: a b\ntitle: One\naudience: customer\n---\n\nText.\n", "id"),
        ("---\nid: [\ntitle: One\n---\n\nText.\n", "one.md"),
        ("---\nid: limits\ntitle: One\naudience: customer\n---\n\nText.\n", "cse.limits"),
    ],
)
def test_a_folder_with_a_bad_article_names_it(folder: Path, content: str, message: str) -> None:
    (folder / "one.md").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidDocument, match=message):
        documents.read_folder(folder)


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "one.md").write_bytes("---\nid: a\ntitle: Grüße\naudience: customer\n---\n".encode("latin-1"))
    with pytest.raises(InvalidDocument, match=r"one\.md"):
        documents.read_folder(folder)


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="missing"):
        documents.read_folder(tmp_path / "missing")


def test_a_folder_creates_updates_and_deletes_its_own_articles_only(store: Store, folder: Path) -> None:
    with store.writing() as conn:
        documents.put_all(conn, [Article("ours", "Ours", "Text.", "internal")], NOW)
        first = documents.put_folder(conn, documents.read_folder(folder), NOW)
        again = documents.put_folder(conn, documents.read_folder(folder), NOW)
    (folder / "tokens.md").unlink()
    write_article(folder, "limits", "Limits", "Other words.\n")
    with store.writing() as conn:
        changed = documents.put_folder(conn, documents.read_folder(folder), NOW)
        assert documents.load(conn, "cse.tokens") is None
        assert documents.load(conn, "ours") == Article("ours", "Ours", "Text.", "internal")
    assert first.created == ("cse.limits", "cse.tokens")
    assert again.unchanged == ("cse.limits", "cse.tokens")
    assert (changed.updated, changed.deleted) == (("cse.limits",), ("cse.tokens",))


def test_a_document_is_settled_once_its_present_content_is_indexed(store: Store) -> None:
    article = Article("a", "T", "Text.", "internal")
    with store.writing() as conn:
        documents.put_all(conn, [article], NOW)
        documents.mark_indexed(conn, "a", "the digest of what it was before")
        assert not documents.states(conn)["a"].settled
        documents.mark_indexed(conn, "a", article.digest)
        assert documents.states(conn)["a"].settled
        assert documents.delete_all(conn, ["a", "absent"], NOW) == ("a",)
        assert documents.delete_all(conn, ["a"], NOW) == ()
        assert not documents.states(conn)["a"].settled
        assert documents.put_all(conn, [article], NOW).created == ("a",)
        assert not documents.states(conn)["a"].settled
