"""Rules of a server's certificate itself: whether it has ended, and whether it covers the name that was asked for."""

import datetime as dt
import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.facts.tls import Certificate, TlsTranscript
from tools.troubleshoot.rules.host_names import covers
from tools.troubleshoot.rules.instants import span, told
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.tls_faults import TlsFault, first_fault, side_of_server

_LISTED = re.compile(
    r"valid for (?P<names>[^\n]{1,300}?), not (?P<not>[\w.-]{1,253})"
    r"|Host: (?P<host>[\w.-]{1,253}) is not in the cert's altnames: (?P<alt>[^\s\"]{1,300}(?:, [^\s\"]{1,300}){0,10})"
)
"""Go and Node name both: what was asked for, and what the certificate covers."""


def tls_expired(case: Case) -> Finding | None:
    """A certificate had ended, or had not begun, when the connection was made."""
    fault = first_fault(case, "tls_expired", "tls_not_yet_valid")
    if fault is None:
        return _expired_alone(case)
    dated = next(_dates(case, fault), None)
    outside, valid = _outside(case, fault, dated) if dated else (None, None)
    depth = fault.transcript.verify_depth if fault.transcript else None
    above = (
        Clue(text(f"It is the certificate at depth {depth}: one above the server's own"), fault.place)
        if depth
        else None
    )
    return Finding(
        _certainty(fault, outside=outside is not None, doubted=valid is not None and not above),
        text(_title(fault, above is not None)),
        tuple(filter(None, (fault.clue, outside, above))),
        (valid,) if valid and not above else (),
        values={
            "host": fault.host or "the server",
            "which": "an intermediate certificate" if above else "the certificate",
        },
        rank=5,
        rules_out=frozenset({"tls_chain_incomplete"}),
        side=side_of_server(case, fault.host),
    )


def _title(fault: TlsFault, above: bool) -> str:
    what = "had expired" if fault.reason == "tls_expired" else "was not yet valid"
    if above:
        return f"A certificate above that of {fault.host or 'the server'} {what}"
    return f"The certificate of {fault.host or 'the server'} {what}"


def _certainty(fault: TlsFault, *, outside: bool, doubted: bool) -> Certainty:
    """The words do not say which certificate of the chain it was; its dates beside the time of the connection do."""
    if doubted or not fault.is_seen:
        return "possible"
    return "known" if outside else "likely"


_Dates = tuple[dt.datetime | None, dt.datetime, Place]


def _dates(case: Case, fault: TlsFault) -> Iterator[_Dates]:
    """Begin and end of the server's own certificate, as far as it is seen."""
    transcripts = [(fault.transcript, fault.place)] if fault.transcript else list(case.facts(TlsTranscript))
    for transcript, place in transcripts:
        if transcript.expires_at:
            yield transcript.begins_at, transcript.expires_at, place
    for certificate, place in case.facts(Certificate):
        if not certificate.is_ca:
            yield certificate.not_before, certificate.not_after, place


def _outside(case: Case, fault: TlsFault, dated: _Dates) -> tuple[Clue | None, Clue | None]:
    """That the certificate's dates exclude the time of the connection; or else that they hold it."""
    begins, ends, place = dated
    at, clock = (fault.at, "when the connection was made") if fault.at else (case.now, "now")
    if at >= ends:
        figure = case.figure(
            "certificate_late",
            "Time since the certificate ended",
            span((at - ends).total_seconds()),
            "text",
            "connection − notAfter",
            place,
        )
        return Clue(
            text(f"It ended at {told(ends)}; {clock} it is {told(at)}: ", figure, " later"), place, (figure,)
        ), None
    if begins and at < begins:
        return Clue(text(f"It begins at {told(begins)}; {clock} it is {told(at)}"), place), None
    others = "another one of the chain, another server, or the caller's clock"
    return None, Clue(text(f"The server's own certificate holds until {told(ends)}: {others}"), place)


def _expired_alone(case: Case) -> Finding | None:
    """A certificate that has ended by now, with no error beside it; that of a sign-in is another rule's."""
    if case.first(SamlResponse) is not None:
        return None
    for certificate, place in case.facts(Certificate):
        if certificate.not_after <= case.now and not certificate.is_ca:
            clue = Clue(text(f"The certificate of {certificate.subject} ended at {told(certificate.not_after)}"), place)
            values = {"host": certificate.names[0] if certificate.names else "the server", "which": "the certificate"}
            against = (Clue(text("No error is told that speaks of it")),)
            return Finding(
                "possible", text("A certificate that was pasted has expired"), (clue,), against, values=values
            )
    return None


def tls_host_mismatch(case: Case) -> Finding | None:
    """The certificate does not cover the name that was asked for."""
    fault = first_fault(case, "tls_host_mismatch")
    compared = next(_compared(case, fault), None)
    if fault is None and compared is None:
        return None
    host = (fault.host if fault else None) or (compared[0] if compared else None)
    wrong = compared[1] if compared else None
    certainty: Certainty = (
        "known" if fault and fault.is_seen and wrong else "likely" if (fault and fault.is_seen) else "possible"
    )
    return Finding(
        certainty,
        text(
            f"The certificate does not cover the name {host}"
            if host
            else "The certificate does not cover the name that was asked for"
        ),
        tuple(filter(None, (fault.clue if fault else None, wrong))),
        values={"host": host or "the name that was asked for"},
        rank=4,
        rules_out=frozenset({"tls_chain_incomplete"}) if fault else frozenset(),
        side=side_of_server(case, host),
    )


def _compared(case: Case, fault: TlsFault | None) -> Iterator[tuple[str, Clue]]:
    """Names that were asked for beside the certificates that came back, where one does not cover the other."""
    for transcript, place in case.facts(TlsTranscript):
        host = transcript.server_name or transcript.host
        own = [each.names for each, at in case.facts(Certificate) if at.name == place.name and not each.is_ca]
        names = transcript.names or (own[0] if own and transcript.chain else ())
        if host and names and covers(names, host) is False:
            yield host, _not_among(host, names, place)
    listed = _LISTED.search(fault.words) if fault is not None else None
    if fault is not None and listed is not None:
        host = (listed["not"] or listed["host"]).rstrip(".'")
        names = tuple(name.removeprefix("DNS:") for name in re.split(r",\s*| or ", listed["names"] or listed["alt"]))
        if covers(names, host) is False:
            yield host, _not_among(host, names, fault.place)
    if fault is not None and fault.host:
        for certificate, place in case.facts(Certificate):
            if not certificate.is_ca and covers(certificate.names, fault.host) is False:
                yield fault.host, _not_among(fault.host, certificate.names, place)


def _not_among(host: str, names: tuple[str, ...], place: Place) -> Clue:
    shown = ", ".join(names[:5]) or "none"
    return Clue(text(f"{host} was asked for; the certificate's names are {shown}"), place)
