"""Links: https to a listed host and nothing else."""

import pytest

from app.render.links import defanged, is_live, split_at_links

HOSTS = ("docs.cse.example", "status.cse.example")


@pytest.mark.parametrize(
    "address",
    [
        "https://docs.cse.example",
        "https://docs.cse.example/",
        "https://Docs.CSE.example/a/b?c=d&e=%20#f",
        "https://status.cse.example?x",
    ],
)
def test_https_to_a_listed_host_is_a_link(address: str) -> None:
    assert is_live(address, HOSTS)
    assert not is_live(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "docs.cse.example",
        "http://docs.cse.example/",
        "//docs.cse.example/",
        "https:docs.cse.example",
        "https:///docs.cse.example",
        "https://docs.cse.example.evil.example/",
        "https://evil.docs.cse.example/",
        "https://docs.cse.example@evil.example/",
        "https://evil.example/@docs.cse.example",
        "https://docs.cse.example:443/",
        "https://docs.cse.example\\@evil.example/",
        "https://docs.cse.example%2eevil.example/",
        "https://docs.cse.example./",
        "https://d\u043ecs.cse.example/",
        "https://docs\u3002cse\u3002example/",
        "https://docs.cse.example/\u202egnp",
        "https://docs.cse.example/ x",
        "https://docs.cse.example/\nx",
        "javascript:alert(1)//https://docs.cse.example/",
        "data:text/html,https://docs.cse.example/",
        "ftp://docs.cse.example/",
        "mailto:a@docs.cse.example",
    ],
)
def test_anything_else_is_none(address: str) -> None:
    assert not is_live(address, HOSTS)


def test_a_text_falls_into_links_and_the_rest() -> None:
    words = "See https://docs.cse.example/a, not https://evil.example/b (https://status.cse.example/c)."
    assert list(split_at_links(words, HOSTS)) == [
        ("See ", False),
        ("https://docs.cse.example/a", True),
        (", not https://evil.example/b (", False),
        ("https://status.cse.example/c", True),
        (").", False),
    ]
    assert list(split_at_links(words, ())) == [(words, False)]
    assert list(split_at_links("", HOSTS)) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("at https://evil.example/x.png?a=b", "at https[:]//evil[.]example/x[.]png?a=b"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("ask a.b@evil.example.", "ask a[.]b[@]evil[.]example."),
        ("mailto:a@evil.example", "mailto[:]a[@]evil[.]example"),
        ("Score 78.4 of 100: fine, errors.md", "Score 78.4 of 100: fine, errors.md"),
    ],
)
def test_an_address_is_taken_apart_and_nothing_else(words: str, told: str) -> None:
    assert defanged(words) == told
