"""The knowledge base: searched by everyone, written by CSEs."""

from app.domain.command import Audience
from app.domain.problems import Forbidden
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
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Problem: the id or the text cannot be used.
    """
    _require_writer(principal)
    await runtime.knowledge.put(document_id, title, text, audience)


async def delete(runtime: Runtime, principal: Principal, document_id: str) -> None:
    """Remove an article; searches no longer see it when this returns.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        NotFound: no such article.
    """
    _require_writer(principal)
    await runtime.knowledge.delete(document_id)


def _require_writer(principal: Principal) -> None:
    """The knowledge base is everybody's: a key limited to some accounts may not change what the others read."""
    principal.require("cse", "Changing the knowledge base")
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot change the knowledge base.")


async def sync(runtime: Runtime) -> str:
    """Bring the document table in line with the shipped articles, and the indexes with the table."""
    await runtime.knowledge.sync(PROJECT / "knowledge")
    mode = runtime.knowledge.mode
    how = f"by words only: {mode.reason}" if mode.reason else "by words and meaning"
    return f"The knowledge base is indexed; it is searched {how}."
