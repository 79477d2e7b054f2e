"""Why no connection came about, or why it broke: what clients say in errors that are read, and in words elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, ClientErrorReason
from tools.troubleshoot.rules.answers import Source
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.rules.sayings import SAYS, all_said, shortened

_WORDS: dict[ClientErrorReason, re.Pattern[str]] = {
    "refused": re.compile(r"\bECONNREFUSED\b|connection (?:was )?refused|actively refused", re.I),
    "reset": re.compile(
        r"\bECONNRESET\b|\bEPIPE\b|connection (?:was )?(?:reset|aborted)|broken pipe|socket hang up", re.I
    ),
    "closed_early": re.compile(
        r"remote end closed connection|server disconnected|empty reply from server|closed (?:early|prematurely)", re.I
    ),
    "connect_timeout": re.compile(
        r"connect(?:ion)?[ _-]?(?:attempt )?time(?:d?[ _-]?)out|ConnectTimeout|\bETIMEDOUT\b", re.I
    ),
    "network_unreachable": re.compile(
        r"\bE(?:HOST|NET)UNREACH\b|no route to host|network is unreachable|host is unreachable", re.I
    ),
    "read_timeout": re.compile(
        r"(?:read|response|socket|request)[ _-]?time(?:d?[ _-]?)out|ReadTimeout|timeout of \d{1,7} ?ms exceeded"
        r"|awaiting headers|\bESOCKETTIMEDOUT\b",
        re.I,
    ),
    "timeout": re.compile(
        r"\b(?:calls?|requests?|connections?|api|endpoint|integration|sync|jobs?)\b.{0,30}\btim(?:e|es|ed|ing) ?out\b",
        re.I,
    ),
    "dns_not_found": re.compile(
        r"\bENOTFOUND\b|\bNXDOMAIN\b|could(?: not|n't) resolve|name or service not known|no such host"
        r"|nodename nor servname|UnknownHostException|ERR_NAME_NOT_RESOLVED|no address associated with hostname"
        r"|server (?:can't|cannot) find",
        re.I,
    ),
    "dns_temporary": re.compile(
        r"\bEAI_AGAIN\b|temporary failure in name resolution|\bSERVFAIL\b|resolv\w{1,4} timed out"
        r"|(?:dns|lookup) (?:query |lookup )?time(?:d? ?)out|server misbehaving",
        re.I,
    ),
}
_HOST = re.compile(
    r"(?:https?://|\bhost(?:name)?[=:] ?['\"]?|ENOTFOUND |EAI_AGAIN |ECONNREFUSED |resolve(?: host)?:? ?['\"]?|\bto "
    r"|lookup |UnknownHostException: |\bfor |find )"
    r"(?P<host>localhost|[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\[[0-9a-f:]{2,39}\]|::1)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A connection that failed. `after` are the seconds for which the client waited; `text` is what was said."""

    reason: ClientErrorReason
    source: Source
    text: str
    clue: Clue
    host: str | None = None
    after: float | None = None


def failure(case: Case, *reasons: ClientErrorReason) -> Failure | None:
    """The first failure for one of the reasons: an error that was read, one that tells how long the client waited
    before the others; else words of a client, a log or a person."""
    read = sorted(_errors(case, reasons), key=lambda each: each.after is None)
    return next(chain(read, _words(case, reasons)), None)


def host_in(words: str) -> str | None:
    """The first host that the words name as the target of a connection or a lookup."""
    match = _HOST.search(words)
    return match["host"].lower() if match else None


def waited_clue(case: Case, found: Failure) -> Clue | None:
    """For how long the client waited, where it says so."""
    if found.after is None:
        return None
    rule = "the seconds that the client's error names"
    place = found.clue.place
    figure = case.figure("client.waited", "Seconds that the client waited", found.after, "count", rule, *_listed(place))
    return Clue(text("The client waited ", figure, " s"), place, (figure,))


def _errors(case: Case, reasons: tuple[ClientErrorReason, ...]) -> Iterator[Failure]:
    for error, place in case.facts(ClientError):
        if error.reason in reasons:
            clue = Clue(text(f'{SAYS["client"]}: "{shortened(error.text)}"'), place)
            host = error.host or host_in(error.text) or error.address
            yield Failure(error.reason, "client", error.text, clue, host, error.after_seconds)


def _words(case: Case, reasons: tuple[ClientErrorReason, ...]) -> Iterator[Failure]:
    """A tunnel through a proxy fails for a reason of its own, which its words tell, too."""
    vague = ("timeout", "proxy_refused")
    read = {error.text for error, _ in case.facts(ClientError) if error.reason not in vague}
    for reason in reasons:
        pattern = _WORDS.get(reason)
        for quote in all_said(case, pattern, "client", "log", "person") if pattern else ():
            if quote.saying.text not in read and "upstream" not in quote.line.lower():  # of a gateway's own calls
                exchange = quote.saying.exchange
                host = host_in(quote.line) or (exchange.host if exchange else None)
                after = exchange.timeout_seconds if exchange else None
                yield Failure(reason, quote.source, quote.line, quote.clue, host, after)


def _listed(place: Place | None) -> tuple[Place, ...]:
    return (place,) if place else ()
