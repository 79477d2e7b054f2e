"""Where the service may connect to on its own: which servers a setting may name, and to which IP addresses these lead.

Protected against is what a name, a redirect or an answer could lead to: services of the private network, the cloud's
metadata, this machine. What the operator names himself is his choice; only that must be said in plain words.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
"""A last label by which a name is taken for an IPv4 address, in whatever base, by one library or the other."""

_PORTS = {"https": 443, "http": 80}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Destination:
    """A server. `host` is a lower-case name or an IP address; `is_private` says that the operator named it as one of
    the private network."""

    scheme: Literal["https", "http"]
    host: str
    port: int
    is_private: bool


def destination(url: str, private_hosts: Collection[str] = ()) -> Destination:
    """The server at an address that the operator set.

    Raises:
        ValueError: it may not be used; the sentence says why, without the address, which may hold a password.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("must be plain ASCII without spaces; write an international name as xn--…")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise ValueError("is no address such as https://api.example.com/v1") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError("must begin with https:// or http://")
    if "@" in parts.netloc:
        raise ValueError("must hold no user and no password; there is a setting for the key")
    if not is_host(host) or port == 0:
        raise ValueError("names no server; write a name or a plain IP address, such as https://api.example.com/v1")
    scheme: Literal["https", "http"] = "https" if parts.scheme == "https" else "http"
    named = Destination(scheme, host, port or _PORTS[scheme], host in private_hosts)
    if scheme == "http" and not (named.is_private or is_loopback(host)):
        raise ValueError(
            "must begin with https://; plain http:// is for this machine (localhost), and for servers of your own "
            "network that CSE_PRIVATE_HOSTS names"
        )
    return named


def is_host(text: str) -> bool:
    """Whether it is a name in lower-case ASCII, or an IP address in its one plain notation."""
    if literal(text) is not None:
        return True
    return len(text) <= 253 and bool(_NAME.fullmatch(text)) and not _NUMBER.fullmatch(text.rpartition(".")[2])


def literal(host: str) -> Address | None:
    """The IP address, where `host` is one; octal, decimal and shortened notations are none."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    address = literal(host)
    return host == "localhost" if address is None else _meant(address).is_loopback


def may_reach(server: Destination, address: str) -> bool:
    """Whether a connection to `server` may go to this IP address, to which its name led."""
    found = _meant(ipaddress.ip_address(address.partition("%")[0]))
    named = literal(server.host)
    if named is not None:
        return found == _meant(named)
    if server.host == "localhost":
        return found.is_loopback
    if server.is_private:
        return server.scheme == "https" or not is_public(found)
    return is_public(found)


def is_public(address: Address) -> bool:
    """Whether it is one of the internet: neither private, loopback, link-local, multicast nor reserved."""
    address = _meant(address)
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or is_site_local)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
