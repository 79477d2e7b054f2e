"""The knowledge base: searched by everyone, written by CSEs."""

from sqlalchemy import Connection

from app.domain.authority import ApprovalLine, Found, Proposal
from app.domain.command import Audience
from app.domain.effects import PublishArticle
from app.domain.problems import Forbidden
from app.render.message import clean_article, content_of, written
from app.resources import proposals
from app.retrieval import documents
from app.retrieval.documents import Article, Changes
from app.retrieval.knowledge import AtEnd
from app.retrieval.search import SearchResult as SearchResult  # channels take it from here
from app.runtime import PROJECT, Runtime
from app.security.principals import LOCAL, Principal
from app.store import audit_log
from app.store.approval_rows import BY_PERSON
from app.store.audit_log import Event

GUIDANCE = "external_guidance"
"""The kind of action that it is to tell customers something which bears on what we commit to."""


async def search(runtime: Runtime, principal: Principal, query: str, k: int, audience: Audience) -> SearchResult:
    """The closest passages, and whether they answer the question.

    Raises:
        Problem: the query is empty (`empty_query`).
    """
    return await runtime.knowledge.search(query, k, audience=audience)


async def put(
    runtime: Runtime, principal: Principal, document_id: str, title: str, text: str, audience: Audience
) -> tuple[ApprovalLine, ...]:
    """Write an article; searches see it when this returns.

    One for customers that commits us is not written but proposed: it is written when the approvals given back are made.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        Problem: the id or the text cannot be used.
    """
    _require_writer(principal)
    if audience == "customer":
        documents.checked(Article(document_id, title, text, audience))
        article = clean_article(document_id, title, text)
        check(article)
        if found := proposals.need_approval(runtime.policy, runtime.commitments.find(written(article))):
            return await _propose(runtime, principal, article, found)
    await runtime.knowledge.put(document_id, title, text, audience, _recorder(runtime, principal, document_id))
    return ()


def check(article: PublishArticle) -> None:
    """Let pass only an article that can be written.

    Raises:
        InvalidDocument: a bad id, title or text.
        Problem: it is too long (`document_too_large`), or one of the shipped (`shipped_document`).
    """
    documents.checked(Article(article.document, article.title, article.text, "customer"))
    documents.check_own(article.document)


async def _propose(
    runtime: Runtime, principal: Principal, article: PublishArticle, found: tuple[Found, ...]
) -> tuple[ApprovalLine, ...]:
    """Have a peer read it, and whoever decides on what it says."""
    guidance = Found(kind=GUIDANCE, words=article.title, rule=BY_PERSON)
    reason = f"The article {article.document} that customers read"
    proposal = Proposal(content_of(article), (guidance, *found), article, reason=reason)

    def write(conn: Connection) -> tuple[ApprovalLine, ...]:
        return proposals.propose(conn, runtime, principal, None, proposal, runtime.clock())

    return await runtime.store.write(write)


async def delete(runtime: Runtime, principal: Principal, document_id: str) -> None:
    """Remove an article; searches no longer see it when this returns.

    Raises:
        Forbidden: the caller's role is below cse, or its key is limited to some accounts.
        NotFound: no such article.
    """
    _require_writer(principal)
    await runtime.knowledge.delete(document_id, _recorder(runtime, principal, document_id))


def _require_writer(principal: Principal) -> None:
    """The knowledge base is everybody's: a key limited to some accounts may not change what the others read."""
    principal.require("cse", "Changing the knowledge base")
    if principal.accounts is not None:
        raise Forbidden("A key that is limited to some accounts cannot change the knowledge base.")


def _recorder(runtime: Runtime, principal: Principal, document_id: str | None) -> AtEnd:
    """What tells the audit log of a change."""

    def at_end(conn: Connection, changes: Changes) -> None:
        counts = {"created": len(changes.created), "updated": len(changes.updated), "deleted": len(changes.deleted)}
        event = Event("knowledge.changed", subject=document_id, details=counts)
        audit_log.record(conn, principal, event, runtime.clock())

    return at_end


async def sync(runtime: Runtime) -> str:
    """Bring the document table in line with the shipped articles, and the indexes with the table."""
    await runtime.knowledge.sync(PROJECT / "knowledge", _recorder(runtime, LOCAL, None))
    mode = runtime.knowledge.mode
    how = f"by words only: {mode.reason}" if mode.reason else "by words and meaning"
    return f"The knowledge base is indexed; it is searched {how}."
