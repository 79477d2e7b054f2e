"""Finds SAML messages in a text (XML, base64, deflated and URL-encoded) and brings them to XML, within bounds."""

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from urllib.parse import unquote

LONGEST_MESSAGE = 1_000_000
"""Characters of a message once it is decoded; no provider sends one as long."""

MOST_MESSAGES = 20

Form = Literal["xml", "encoded"]

_NAMED = re.compile(
    r"SAML(?:Response|Request)(?:[\"']?[ \t]{0,3}[=:]|[\"'][^>\n]{0,80}\bvalue=)\s{0,3}[\"']?"
    r"([A-Za-z0-9+/=%_-]{40,}+(?:\r?\n(?:[A-Za-z0-9+/]{40,}+={0,2}|[A-Za-z0-9+/]{1,80}={1,2})(?=[\s\"'&<]|$))*+)"
)
_BARE = re.compile(
    r"(?<![A-Za-z0-9+/=])(?:PHNhbW|PD94bWw|PFJlc3Bvb|PEFzc2Vyd|PEF1dGhu|PG1kO|PEVudGl0|PG5z)[A-Za-z0-9+/]{40,}+={0,2}"
    r"(?:\r?\n(?:[A-Za-z0-9+/]{40,}+={0,2}|[A-Za-z0-9+/]{1,80}={1,2})(?=[\s\"'&<]|$))*+"
)
_XML = re.compile(
    r"<((?:[A-Za-z0-9_-]{1,20}:)?(?:Response|Assertion|AuthnRequest|LogoutRequest|LogoutResponse|EntityDescriptor))"
    r"(?=[\s>])"
)
_NAMESPACE = "urn:oasis:names:tc:SAML"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message as it stands in the text, [start, end)."""

    form: Form
    written: str
    start: int
    end: int


def messages(text: str) -> Iterator[Encoded]:
    """The messages of a text: what is encoded first, then XML."""
    if "SAML" in text or "saml" in text:
        yield from islice(_xml(text), MOST_MESSAGES)
    if "SAMLRe" in text:
        for match in islice(_NAMED.finditer(text), MOST_MESSAGES):
            yield Encoded("encoded", match[1], match.start(), match.end())
    for match in islice(_BARE.finditer(text), MOST_MESSAGES):
        yield Encoded("encoded", match.group(), match.start(), match.end())


def xml_of(message: Encoded) -> bytes:
    """The message's XML.

    Raises:
        ValueError: it cannot be decoded, or is longer than a message can be.
    """
    if message.form == "xml":
        return message.written.encode(errors="replace")
    raw = base64.b64decode(_base64(message.written), validate=False)
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return raw.lstrip(b"\xef\xbb\xbf \r\n\t")
    return _inflated(raw)


def _base64(written: str) -> str:
    """The base64 text, whole again: URL encoding, line breaks and missing padding undone."""
    if len(written) > 2 * LONGEST_MESSAGE:
        raise ValueError(f"it is too long: {len(written)} characters")
    plain = "".join(unquote(written).split()).replace("-", "+").replace("_", "/").rstrip("=")
    return plain + "=" * (-len(plain) % 4)


def _inflated(raw: bytes) -> bytes:
    """The message of the redirect binding (SAML 2.0 bindings, 3.4.4.1): deflated, with no header."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(raw, LONGEST_MESSAGE)
    except zlib.error:
        raise ValueError("it is neither XML nor deflated XML, or it is cut") from None
    if inflater.unconsumed_tail:
        raise ValueError(f"it unpacks to more than {LONGEST_MESSAGE} bytes")
    return inflated


def _xml(text: str) -> Iterator[Encoded]:
    """Messages that stand as XML; one that never closes goes to the end of the text."""
    position = 0
    while match := _XML.search(text, position):
        closing = text.find(f"</{match[1]}", match.end())
        end = text.find(">", closing) + 1 if closing >= 0 else len(text)
        end = end or len(text)
        position = end
        written = text[match.start() : min(end, match.start() + LONGEST_MESSAGE)]
        if _NAMESPACE in written:
            yield Encoded("xml", written, match.start(), end)
