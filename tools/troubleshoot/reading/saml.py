"""Reads SAML 2.0 messages: responses, assertions, requests, metadata. No DTD, no entities, nothing external."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tools.troubleshoot.facts.base import MOST_LISTED
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.reading.certificates import certificates_of_base64
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines
from tools.troubleshoot.reading.saml_encoding import LONGEST_MESSAGE, messages, xml_of

DEEPEST = 60
"""Levels of elements; a signed response with attributes has about ten."""

LONGEST_VALUE = 500
KINDS = {
    "Response": "response",
    "LogoutResponse": "response",
    "Assertion": "assertion",
    "AuthnRequest": "request",
    "LogoutRequest": "request",
    "EntityDescriptor": "metadata",
}


class _Shallow(TreeBuilder):
    """Builds the tree, but none that is nested deeper than a message can be."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any]) -> Element:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError(f"its elements are nested more than {DEEPEST} deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def find_saml(text: str) -> tuple[Piece, ...]:
    """The messages of a text, and the lines in which each stands."""
    lines = Lines(text)
    pieces: list[Piece] = []
    for message in messages(text):
        first, last = lines.at(message.start), lines.at(max(message.start, message.end - 1))
        if any(first <= piece.last and piece.first <= last for piece in pieces):
            continue
        try:
            fact = read_saml(xml_of(message))
        except ValueError as fault:
            fact = SamlResponse(fault=str(fault)[:LONGEST_VALUE])
        if fact is not None:
            notes = (f"a SAML message could not be read: {fact.fault}",) if fact.fault else ()
            pieces.append(Piece("saml", first, last, (fact,), notes))
    return tuple(sorted(pieces, key=lambda piece: piece.first))


def read_saml(xml: bytes) -> SamlResponse | None:
    """What a message says; None where the XML is something else.

    Raises:
        ValueError: it is no XML, or none that a message may be made of.
    """
    root = _tree(xml)
    kind = KINDS.get(_local(root))
    if kind is None:
        return None
    if kind == "metadata":
        return _metadata(root)
    assertion = root if kind == "assertion" else _child(root, "Assertion")
    return SamlResponse.model_validate(
        {
            "message": kind,
            "id": _attribute(root, "ID"),
            "in_response_to": _attribute(root, "InResponseTo") or _confirmation(assertion, "InResponseTo") or None,
            "issuer": _text(_child(root, "Issuer")) or _text(_child(assertion, "Issuer")) or None,
            "destination": _attribute(root, "Destination") or None,
            "issue_instant": instant(_attribute(root, "IssueInstant")),
            "encrypted": _child(root, "EncryptedAssertion") is not None,
            **_status(root),
            **_conditions(root, assertion),
            **_signing(root, assertion),
            **_certificates(root),
        }
    )


def _tree(xml: bytes) -> Element:
    if len(xml) > LONGEST_MESSAGE:
        raise ValueError(f"it is too long: {len(xml)} bytes")
    parser = DefusedXMLParser(target=_Shallow(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(xml)
        tree: Element = parser.close()
    except DefusedXmlException:
        raise ValueError("it declares a document type or entities, which SAML forbids: it may be an attack") from None
    except ParseError as fault:
        raise ValueError(f"its XML is cut or broken: {fault}") from None
    except (LookupError, UnicodeError):
        raise ValueError("its encoding is unknown") from None
    return tree


def _metadata(root: Element) -> SamlResponse:
    service = _first(root, "AssertionConsumerService")
    return SamlResponse.model_validate(
        {
            "message": "metadata",
            "issuer": _attribute(root, "entityID") or None,
            "recipient": _attribute(service, "Location") or None,
            **_certificates(root),
        }
    )


def _status(root: Element) -> dict[str, Any]:
    status = _child(root, "Status")
    code = _child(status, "StatusCode")
    return {
        "status": _last_part(_attribute(code, "Value")),
        "sub_status": _last_part(_attribute(_child(code, "StatusCode"), "Value")),
        "status_message": _text(_child(status, "StatusMessage")),
    }


def _conditions(root: Element, assertion: Element | None) -> dict[str, Any]:
    conditions = _child(assertion, "Conditions")
    name_id = _child(_child(assertion, "Subject"), "NameID")
    wanted = _attribute(_child(root, "NameIDPolicy"), "Format")
    audiences = [_text(each) for each in _all(conditions, "Audience")]
    attributes = [_attribute(each, "Name") for each in _all(assertion, "Attribute")]
    return {
        "recipient": _confirmation(assertion, "Recipient") or _attribute(root, "AssertionConsumerServiceURL") or None,
        "audiences": tuple(filter(None, audiences))[:MOST_LISTED],
        "not_before": instant(_attribute(conditions, "NotBefore")),
        "not_on_or_after": instant(_attribute(conditions, "NotOnOrAfter")),
        "subject_not_on_or_after": instant(_confirmation(assertion, "NotOnOrAfter")),
        "name_id_format": _last_part(_attribute(name_id, "Format") or wanted),
        "attributes": tuple(filter(None, attributes))[:MOST_LISTED],
    }


def _signing(root: Element, assertion: Element | None) -> dict[str, Any]:
    by_root, by_assertion = _child(root, "Signature"), _child(assertion, "Signature")
    is_response = assertion is not root
    return {
        "response_signed": is_response and by_root is not None,
        "assertion_signed": by_assertion is not None,
        "signature_algorithm": re.split(r"[#/]", _attribute(_first(root, "SignatureMethod"), "Algorithm"))[-1],
        "signature_fault": _signature_fault(root, assertion),
    }


def _signature_fault(root: Element, assertion: Element | None) -> str:
    """What is odd in how it is signed: a signature that covers something else than what is read (XML wrapping)."""
    holders = [holder for holder in (root, assertion) if holder is not None and _child(holder, "Signature") is not None]
    for holder in holders:
        covers = _attribute(_first(_child(holder, "Signature"), "Reference"), "URI")
        if covers and covers != f"#{_attribute(holder, 'ID')}":
            return f"the signature within {_local(holder)} covers {covers}, which is another element"
    if len(list(_all(root, "Assertion"))) > 1:
        return "it holds more than one assertion: a signed one may be wrapped within one that is not"
    if not holders and _first(root, "Signature") is not None:
        return "a signature stands where none belongs: it covers neither the response nor its assertion"
    return ""


def _certificates(root: Element) -> dict[str, Any]:
    found = [cert for each in _all(root, "X509Certificate") for cert in certificates_of_base64(_text(each, 20_000))]
    return {
        "certificates": tuple(dict.fromkeys(cert.sha256 for cert in found))[:10],
        "certificate_expires_at": found[0].not_after if found else None,
    }


def _confirmation(assertion: Element | None, name: str) -> str:
    return _attribute(_first(_child(assertion, "Subject"), "SubjectConfirmationData"), name)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element | None, name: str) -> Element | None:
    return next((each for each in element if _local(each) == name), None) if element is not None else None


def _all(element: Element | None, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if _local(each) == name) if element is not None else iter(())


def _first(element: Element | None, name: str) -> Element | None:
    return next(_all(element, name), None)


def _attribute(element: Element | None, name: str) -> str:
    return element.get(name, "")[:LONGEST_VALUE] if element is not None else ""


def _text(element: Element | None, longest: int = LONGEST_VALUE) -> str:
    return (element.text or "").strip()[:longest] if element is not None else ""


def _last_part(urn: str) -> str:
    return urn.rpartition(":")[2]
