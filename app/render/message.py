"""What leaves the house, as the exact text that is approved and sent."""

import hashlib
from collections.abc import Iterable
from typing import assert_never

from app.domain.blocks import Draft
from app.domain.effects import Outgoing, PublishArticle, SendMessage
from app.domain.figures import Figure
from app.render.characters import one_line, visible
from app.render.values import Values

SUBJECT, BODY, RECIPIENT = "Subject", ("Message", "Text"), "To"
"""Labels of a draft's fields."""


def message_of(draft: Draft, account_id: str, figures: Iterable[Figure]) -> SendMessage:
    """A draft for a customer as the message that is sent: its own subject, else its title; whom it is to stays out.

    A draft that has no field of its own for the text is sent with all its fields, each under its label.
    """
    values = Values(figures)
    fields = {field.label: values.text(field.text) for field in draft.fields}
    subject = fields.pop(SUBJECT, "") or values.text(draft.title)
    fields.pop(RECIPIENT, None)
    body = next((fields[label] for label in BODY if label in fields), None)
    if body is None:
        body = "\n\n".join(f"{label}\n{told}" for label, told in fields.items())
    return clean_message(account_id, subject, body)


def clean_message(account_id: str, subject: str, body: str, template: str | None = None) -> SendMessage:
    """The message without characters that nobody sees: who approves it reads all that is sent."""
    return SendMessage(
        account_id=account_id, subject=one_line(subject), body=visible(body).strip("\n"), template=template
    )


def clean_article(document: str, title: str, text: str) -> PublishArticle:
    return PublishArticle(document=one_line(document), title=one_line(title), text=visible(text))


def written(outgoing: Outgoing) -> str:
    """What of it a customer reads."""
    match outgoing:
        case SendMessage():
            return f"{outgoing.subject}\n\n{outgoing.body}"
        case PublishArticle():
            return f"{outgoing.title}\n\n{outgoing.text}"
        case _:
            assert_never(outgoing)


def content_of(outgoing: Outgoing) -> str:
    """All that leaves, as one text. Two that differ in anything have different texts: what is above the blank line
    holds no line end."""
    match outgoing:
        case SendMessage():
            head = f"To the account: {outgoing.account_id}\nSubject: "
        case PublishArticle():
            head = f"Article: {outgoing.document}\nTitle: "
        case _:
            assert_never(outgoing)
    return f"{head}{written(outgoing)}"


def sha256_of(content: str) -> str:
    """The digest of a content's bytes in UTF-8, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()
