"""The seal: a key made once, and an anchor that knows when a log does not go on from it."""

import os
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.security.seal import ANCHOR_BYTES, NO_EVENTS, Anchor, AnchorUnusable, Break, Head, KeyUnusable, Seal, follows

FIRST, SECOND, THIRD = (Head(n, str(n) * 64) for n in (1, 2, 3))


def nothing(_: Head) -> bool:
    return False


def holding(*heads: Head) -> Callable[[Head], bool]:
    return lambda head: head in heads or head == NO_EVENTS


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    assert not seal.has_key()
    assert seal.digest(b"x") == Seal(tmp_path).digest(b"x") != Seal(tmp_path, "k" * 32).digest(b"x")
    assert len(seal.digest(b"x")) == 64
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["audit.key"]


def test_a_key_that_is_set_makes_no_file(tmp_path: Path) -> None:
    seal = Seal(tmp_path, "k" * 32)
    assert seal.has_key()
    seal.digest(b"x")
    assert os.listdir(tmp_path) == []


def test_many_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: Seal(tmp_path).digest(b"x"), range(16)))) == 1
    assert os.listdir(tmp_path) == ["audit.key"]


@pytest.mark.parametrize("content", [b"", b"short", b" " * 64])
def test_a_key_that_holds_too_little_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "audit.key").write_bytes(content)
    with pytest.raises(KeyUnusable, match="shorter than 32"):
        Seal(tmp_path).digest(b"x")


def test_the_anchor_moves_before_and_after(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    assert seal.read() is None
    seal.prepare(FIRST, NO_EVENTS, nothing)
    assert seal.read() == Anchor(FIRST, NO_EVENTS, confirmed=False, since=1)
    seal.confirm(FIRST)
    assert seal.read() == Anchor(FIRST, NO_EVENTS, confirmed=True, since=1)
    seal.prepare(SECOND, FIRST, nothing)
    seal.confirm(FIRST)  # late: another write has moved on
    assert seal.read() == Anchor(SECOND, FIRST, confirmed=False, since=1)
    assert seal.anchor_file.stat().st_size == ANCHOR_BYTES  # one sector: written whole or not at all


def test_the_largest_anchor_fits(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    far = [Head(10**15 + n, "f" * 64) for n in range(4)]
    seal.prepare(far[0], NO_EVENTS, nothing)
    seal.prepare(far[2], far[1], nothing)
    assert seal.read() == Anchor(far[2], far[1], confirmed=False, since=far[0].seq, broken=Break(far[0], far[2].seq))
    assert seal.anchor_file.stat().st_size == ANCHOR_BYTES


OTHER = Head(2, "e" * 64)


@pytest.mark.parametrize(
    ("anchor", "newest", "held", "told"),
    [
        (Anchor(SECOND, FIRST, True, 1), SECOND, (), True),
        (Anchor(SECOND, FIRST, False, 1), SECOND, (), True),
        (Anchor(SECOND, FIRST, False, 1), FIRST, (), True),  # the write never came
        (Anchor(SECOND, FIRST, True, 1), FIRST, (FIRST,), False),  # the last one was cut off
        (Anchor(SECOND, FIRST, True, 1), THIRD, (FIRST, SECOND, THIRD), True),  # others went on
        (Anchor(SECOND, FIRST, True, 1), THIRD, (FIRST, OTHER, THIRD), False),
        (Anchor(SECOND, FIRST, False, 1), THIRD, (FIRST, OTHER, THIRD), True),
        (Anchor(SECOND, FIRST, True, 1), NO_EVENTS, (), False),
        (Anchor(FIRST, NO_EVENTS, False, 1), NO_EVENTS, (), True),
    ],
)
def test_whether_a_log_follows(anchor: Anchor, newest: Head, held: tuple[Head, ...], told: bool) -> None:
    assert follows(anchor, newest, holding(*held)) is told


def test_a_break_stays_told_until_the_log_is_taken_anew(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    seal.prepare(SECOND, FIRST, nothing)
    seal.confirm(SECOND)
    seal.prepare(OTHER, FIRST, holding(FIRST))  # the second was cut off, and the log went on
    seal.confirm(OTHER)
    seal.prepare(THIRD, OTHER, holding(FIRST, OTHER))
    found = seal.read()
    assert found is not None
    assert found.broken == Break(SECOND, went_on_at=2)
    seal.prepare(THIRD, OTHER, nothing, anew=True)
    found = seal.read()
    assert found is not None
    assert found.broken is None


def test_following_settles_what_is_open_and_never_what_broke(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    seal.follow(SECOND, nothing)
    assert seal.read() is None  # the first event begins an anchor
    seal.prepare(FIRST, NO_EVENTS, nothing)
    seal.follow(THIRD, holding(FIRST, SECOND, THIRD))
    assert seal.read() == Anchor(THIRD, THIRD, confirmed=True, since=1)
    seal.follow(SECOND, holding(FIRST, SECOND))
    assert seal.read() == Anchor(THIRD, THIRD, confirmed=True, since=1)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b'{"head": 1}', b"\xff" * ANCHOR_BYTES, b'{"head":{"seq":1}}']
)
def test_what_is_no_anchor_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    seal = Seal(tmp_path)
    seal.anchor_file.write_bytes(content)
    with pytest.raises(AnchorUnusable, match="it is no anchor"):
        seal.prepare(FIRST, NO_EVENTS, nothing)
    assert seal.anchor_file.read_bytes() == content


def test_an_anchor_without_its_folder_is_told_and_no_folder_is_made(tmp_path: Path) -> None:
    seal = Seal(tmp_path, anchor=tmp_path / "unmounted" / "anchor")
    with pytest.raises(AnchorUnusable, match="there is no folder"):
        seal.prepare(FIRST, NO_EVENTS, nothing)
    seal.confirm(FIRST)  # was done already: it is not to fail
    assert os.listdir(tmp_path) == []


def test_an_anchor_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "anchor").mkdir()
    with pytest.raises(AnchorUnusable):
        Seal(tmp_path, anchor=tmp_path / "anchor").prepare(FIRST, NO_EVENTS, nothing)
