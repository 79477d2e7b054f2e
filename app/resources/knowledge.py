"""The knowledge base: searched by everyone, written by CSEs."""

from app.domain.command import Audience
from app.retrieval.search import SearchResult as SearchResult  # channels take it from here
from app.runtime import PROJECT, Runtime
from app.security.principals import Principal


async def search(runtime: Runtime, principal: Principal, query: str, k: int, audience: Audience) -> SearchResult:
    """The closest passages, and whether they answer the question.

    Raises:
        Problem: the query is empty (`empty_query`).
    """
    return await runtime.knowledge.search(query, k, audience=audience)


async def put(
    runtime: Runtime, principal: Principal, document_id: str, title: str, text: str, audience: Audience
) -> None:
    """Write an article; searches see it when this returns.

    Raises:
        Forbidden: the caller's role is below cse.
        Problem: the id or the text cannot be used.
    """
    principal.require("cse", "Writing an article")
    await runtime.knowledge.put(document_id, title, text, audience)


async def delete(runtime: Runtime, principal: Principal, document_id: str) -> None:
    """Remove an article; searches no longer see it when this returns.

    Raises:
        Forbidden: the caller's role is below cse.
        NotFound: no such article.
    """
    principal.require("cse", "Removing an article")
    await runtime.knowledge.delete(document_id)


async def sync(runtime: Runtime) -> str:
    """Bring the document table in line with the shipped articles, and the indexes with the table."""
    await runtime.knowledge.sync(PROJECT / "knowledge")
    mode = runtime.knowledge.mode
    how = f"by words only: {mode.reason}" if mode.reason else "by words and meaning"
    return f"The knowledge base is indexed; it is searched {how}."
