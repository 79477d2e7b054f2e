"""Which servers a setting may name, and where their names may lead."""

import pytest

from app.domain.destinations import Destination, destination, may_reach


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://api.example.com/v1", Destination("https", "api.example.com", 443, False)),
        ("https://API.Example.com.:8443", Destination("https", "api.example.com", 8443, False)),
        ("https://xn--bcher-kva.example", Destination("https", "xn--bcher-kva.example", 443, False)),
        ("https://10.0.0.5/v1", Destination("https", "10.0.0.5", 443, False)),
        ("https://[2001:db8::1]:9", Destination("https", "2001:db8::1", 9, False)),
        ("http://localhost:11434/v1", Destination("http", "localhost", 11434, False)),
        ("http://127.0.0.1", Destination("http", "127.0.0.1", 80, False)),
        ("http://[::1]:8000", Destination("http", "::1", 8000, False)),
        ("http://ollama:11434", Destination("http", "ollama", 11434, True)),
        ("https://ollama", Destination("https", "ollama", 443, True)),
    ],
)
def test_servers_that_may_be_named(url: str, server: Destination) -> None:
    assert destination(url, ("ollama",)) == server


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://api.example.com", "https://"),
        ("http://10.0.0.5", "https://"),
        ("http://ollama.evil.example", "https://"),
        ("http://localhost.evil.example", "https://"),
        ("ftp://api.example.com", "https://"),
        ("file:///etc/passwd", "https://"),
        ("//api.example.com", "https://"),
        ("api.example.com", "https://"),
        ("", "https://"),
        ("https://user:s3cret@api.example.com", "no password"),
        ("https://user@api.example.com", "no user"),
        ("https://@api.example.com", "no user"),
        ("https://", "names no server"),
        ("https://:443", "names no server"),
        ("https://a..b", "names no server"),
        ("https://-a.example", "names no server"),
        ("https://a%2eexample", "names no server"),
        ("https://api.example.com:0", "names no server"),
        ("https://api.example.com:65536", "is no address"),
        ("https://api.example.com:x", "is no address"),
        ("https://[::1", "is no address"),
        # Other notations of 127.0.0.1, by which some libraries read an address and others a name
        ("https://2130706433", "names no server"),
        ("https://0177.0.0.1", "names no server"),
        ("https://0x7f.0.0.1", "names no server"),
        ("https://127.1", "names no server"),
        ("https://0x7f000001", "names no server"),
        ("https://1.2.3.4.5", "names no server"),
        ("https://bücher.example", "xn--"),
        ("https://１２７.0.0.1", "xn--"),
        ("https://a.example\\@b.example", "plain ASCII"),
        ("https://a.example /", "plain ASCII"),
        ("https://a.example\n", "plain ASCII"),
        ("https://" + "a" * 254, "names no server"),
    ],
)
def test_servers_that_may_not(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        destination(url, ("ollama",))
    assert "s3cret" not in str(caught.value)


INTERNAL = [
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "::7f00:1",
]


@pytest.mark.parametrize("address", INTERNAL)
def test_a_name_does_not_lead_into_the_private_network(address: str) -> None:
    assert not may_reach(destination("https://api.example.com"), address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"])
def test_a_name_leads_to_the_internet(address: str) -> None:
    assert may_reach(destination("https://api.example.com"), address)


@pytest.mark.parametrize(
    ("url", "address", "may"),
    [
        ("https://10.0.0.5", "10.0.0.5", True),  # the operator's own words
        ("https://10.0.0.5", "10.0.0.6", False),
        ("https://[::ffff:10.0.0.5]", "10.0.0.5", True),
        ("http://localhost", "127.0.0.1", True),
        ("http://localhost", "::1", True),
        ("http://localhost", "10.0.0.5", False),
        ("http://localhost", "93.184.215.14", False),
        ("http://ollama", "172.18.0.3", True),
        ("http://ollama", "93.184.215.14", False),  # in clear text it stays in the house
        ("https://ollama", "93.184.215.14", True),
    ],
)
def test_what_the_operator_names_is_his_choice(url: str, address: str, may: bool) -> None:
    assert may_reach(destination(url, ("ollama",)), address) is may
