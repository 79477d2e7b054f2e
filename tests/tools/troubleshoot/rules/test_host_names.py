"""Which names a certificate covers, by the library that verifies it (RFC 6125)."""

import pytest

from tools.troubleshoot.rules.host_names import covers


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (["api.example.com"], "API.example.com", True),
        (["*.example.com"], "api.example.com", True),
        (["*.example.com"], "eu.api.example.com", False),
        (["*.example.com"], "example.com", False),
        (["x.example", "203.0.113.9"], "203.0.113.9", True),
        (["x.example"], "203.0.113.9", False),
        ([], "api.example.com", False),
        (["a*b.example.com", "bad name", "\u00fc.example"], "api.example.com", False),
        (["xn--mnchen-3ya.example"], "münchen.example", True),
        (["x.example"], "no host", None),
        (["x.example"], "", None),
        (["x.example"], "\x00", None),
    ],
)
def test_covers(names: list[str], host: str, covered: bool | None) -> None:
    assert covers(names, host) is covered
