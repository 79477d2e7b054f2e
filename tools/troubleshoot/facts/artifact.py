"""An artifact: a part of what was pasted or attached, what it was recognised as, and the facts in it."""

from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import Field

from app.domain.command import ReadFile
from app.domain.redact import SecretKind, mask
from tools.troubleshoot.facts.base import LONGEST_TEXT, Fact, Part
from tools.troubleshoot.facts.http import ClientError, CorsMessage, Exchange, GraphqlError, WebhookDelivery
from tools.troubleshoot.facts.identity import OAuthError, SamlResponse, ScimError, SsoMessage, Token
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import JsonBody, MetricsSummary, StackTrace, TableSummary, TraceSummary
from tools.troubleshoot.facts.tls import Certificate, TlsTranscript

ArtifactKind = Literal[
    "curl",
    "http",
    "har",
    "log",
    "stack_trace",
    "jwt",
    "oauth_error",
    "saml",
    "sso_message",
    "scim_error",
    "certificate",
    "openssl",
    "webhook",
    "cors",
    "client_error",
    "graphql",
    "otlp",
    "prometheus",
    "csv",
    "json",
    "code",
    "thread",
    "prose",
    "unreadable",
]
"""`prose` is what people write; `thread` a ticket's messages; `unreadable` what is no text, or too broken to read."""

AnyFact = Annotated[
    Exchange
    | ClientError
    | CorsMessage
    | GraphqlError
    | WebhookDelivery
    | Token
    | OAuthError
    | SamlResponse
    | SsoMessage
    | ScimError
    | Certificate
    | TlsTranscript
    | LogSummary
    | StackTrace
    | TraceSummary
    | MetricsSummary
    | TableSummary
    | JsonBody,
    Field(discriminator="kind"),
]


_TOLD_BY_FACTS: tuple[ArtifactKind, ...] = ("har", "saml", "otlp", "csv")
"""Their text is not kept: names and values of people stand in it that no mask can know, and their facts say it all."""


class Artifact(Part):
    """`first` and `last` are its lines in the message or file called `name` ("" for the message).

    `text` is its own text, masked and cut, where it is kept; `masked` the kinds of secrets that stood in it; `notes`
    what of it could not be read, and why.
    """

    kind: ArtifactKind
    name: str = ""
    first: int = 1
    last: int = 1
    text: str = ""
    facts: tuple[AnyFact, ...] = ()
    masked: tuple[SecretKind, ...] = ()
    notes: tuple[str, ...] = ()


class Reading(ReadFile):
    """All that was read of a message or a file; `bytes` and `lines` of it, `sha256` of the whole."""

    artifacts: tuple[Artifact, ...] = ()
    bytes: int = 0
    lines: int = 0
    sha256: str = ""

    @property
    def summary(self) -> str:
        """The kinds of its artifacts, in the order in which they stand: "log, stack trace (2)"."""
        counts = Counter(each.kind.replace("_", " ") for each in self.artifacts)
        return ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in counts.items())


def sealed(
    kind: ArtifactKind,
    text: str,
    facts: tuple[Fact, ...] = (),
    *,
    name: str = "",
    first: int = 1,
    last: int = 1,
    notes: tuple[str, ...] = (),
) -> Artifact:
    """The artifact without its secrets: every text in it is masked and cut. The only way in which one is made."""
    masked = mask(_valid(text))
    return Artifact.model_validate(
        {
            "kind": kind,
            "name": _clean(name),
            "first": first,
            "last": last,
            "text": "" if kind in _TOLD_BY_FACTS else masked.text[:LONGEST_TEXT],
            "facts": [_clean(fact.model_dump()) for fact in facts],
            "masked": masked.kinds,
            "notes": _clean(list(notes)),
        }
    )


def _valid(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can name and UTF-8 cannot hold."""
    return text.encode(errors="replace").decode()


def _clean(value: Any) -> Any:
    """The value with every text in it masked and cut."""
    if isinstance(value, str):
        return mask(_valid(value[: 2 * LONGEST_TEXT])).text[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {_clean(name): _clean_named(name, each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def _clean_named(name: str, value: Any) -> Any:
    """A value of a mapping: what its name says of it counts, as of a header or a parameter called api_key."""
    if not isinstance(value, str):
        return _clean(value)
    prefix = f"{name}: "
    named = mask(f"{prefix}{value[: 2 * LONGEST_TEXT]}").text
    return _clean(named.removeprefix(prefix))
