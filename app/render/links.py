"""Which addresses in a text may become links: https to a host that the deployment lists, and nothing else.

An address that may not is shown as text in a form that no reader makes a link of. Names of hosts alone
(`evil.example/x`) are left as they are: they look like names of files, and readers that link those guess.
"""

import re
from collections.abc import Collection, Iterator

LinkHosts = Collection[str]
"""Names of hosts in lower case. A host counts alone, not with what stands before or after it."""

ADDRESS = r"""(?:
    (?:https?:// | ftp:// | mailto: | xmpp: | (?<!\w)www\. | (?<![:/\w])//(?=\w))
        [^\s<>`|]*[^\s<>`|.,;:!?)\]}'"*_~]
    | [\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{0,62}[^\W_]
)+"""
"""What some reader of plain text or Markdown makes a link of, as a verbose pattern without regard to case.

What ends a sentence behind an address is not of it.
"""

_ADDRESS = re.compile(ADDRESS, re.VERBOSE | re.IGNORECASE)
_PLAIN_HTTPS = re.compile(r"https://([a-z0-9.-]+)(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
"""No user, port, encoding or backslash before the path, where readers take different hosts out of one address."""

_DOORS = re.compile(r"[.:@](?=\S)|^//")


def is_live(address: str, hosts: LinkHosts) -> bool:
    """Whether the address may be a link."""
    plain = _PLAIN_HTTPS.fullmatch(address)
    return plain is not None and plain[1].lower() in hosts


def split_at_links(text: str, hosts: LinkHosts) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and which of them may be links; joined they are the text."""
    end = 0
    for found in _ADDRESS.finditer(text):
        if not is_live(found[0], hosts):
            continue
        if found.start() > end:
            yield text[end : found.start()], False
        yield found[0], True
        end = found.end()
    if end < len(text):
        yield text[end:], False


def defanged(text: str) -> str:
    """The text with its addresses so written that nothing links them: `https[:]//evil[.]example/x`."""
    return _ADDRESS.sub(lambda found: _DOORS.sub(lambda door: f"[{door[0]}]", found[0]), text)
