"""How much one caller may ask for: requests a minute and streams at a time, counted in this process's memory.

A caller is the key or session that the request carries. A secret counts as one only after it has opened the door once:
until then, and without any, the client's address is counted in its place, so that made-up keys gain nothing. Several
processes count each for itself, and a restart begins anew.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.channels import http_problems
from app.channels.callers import secret_of
from app.domain.problems import Problem
from app.settings import Settings

WINDOW_SECONDS = 60
UNLIMITED = frozenset({"/livez", "/readyz"})

MOST_COUNTERS = 50_000
"""Beyond, the counter that was used longest ago is dropped; its caller begins anew."""

MOST_KNOWN = 10_000
"""Secrets that are remembered to be good; one that is not is counted by its address for one request."""

STREAM_RETRY_SECONDS = 5
IPV6_SUBSCRIBER_BITS = 64
"""A subscriber has that many addresses to choose from: all of them are one."""


class RateLimited(Problem):
    code = "rate_limited"
    status = 429


class TooManyStreams(Problem):
    code = "too_many_streams"
    status = 429


class Counters(Storage):
    """Counters in memory, a bounded number of them. The package's own starts a thread with nearly every request."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float], most: int = MOST_COUNTERS) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._found: OrderedDict[str, tuple[int, float]] = OrderedDict()  # count, end of the window

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        count, end = self._found.get(key, (0, 0.0))
        now = self._clock()
        if end <= now:
            count, end = 0, now + expiry
        self._found[key] = (count + amount, end)
        self._found.move_to_end(key)
        if len(self._found) > self._most:
            self._found.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        count, end = self._found.get(key, (0, 0.0))
        return count if end > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        return self._found.get(key, (0, self._clock()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._found)
        self._found.clear()
        return count

    def clear(self, key: str) -> None:
        self._found.pop(key, None)


class Limits:
    """The counts of one process."""

    def __init__(
        self, requests_per_minute: int, streams_per_key: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_streams = streams_per_key
        self._clock = clock
        self._rate = RateLimitItemPerMinute(requests_per_minute)
        self._limiter = FixedWindowRateLimiter(Counters(clock))
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._streams: dict[str, int] = {}
        self.policy = f'"default";q={requests_per_minute};w={WINDOW_SECONDS}'.encode()

    def visit(self, scope: Scope) -> "Visit":
        """Count a request."""
        secret, _ = secret_of(scope["headers"])
        digest = blake2b(secret.encode(), digest_size=16).digest() if secret else None
        is_known = digest is not None and digest in self._known
        identity = digest.hex() if digest and is_known else _subscriber(scope)
        is_admitted = self._limiter.hit(self._rate, identity)
        window = self._limiter.get_window_stats(self._rate, identity)
        seconds = max(1, math.ceil(window.reset_time - self._clock()))
        return Visit(self, digest, is_admitted, window.remaining, seconds)

    def refusal(self, seconds: int) -> RateLimited:
        return RateLimited(
            f"These are more than the {self._rate.amount:,} requests that one key may send in a minute; go on in "
            f"{seconds} s.",
            retry_after=seconds,
        )

    def know(self, digest: bytes) -> None:
        """Remember a secret that opened the door."""
        self._known[digest] = None
        self._known.move_to_end(digest)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def open_stream(self, key_id: str) -> None:
        """
        Raises:
            TooManyStreams: the key has as many open as it may.
        """
        count = self._streams.get(key_id, 0)
        if count >= self._most_streams:
            raise TooManyStreams(
                f"This key has {count:,} streams open, the most it may; close one, or ask without streaming.",
                retry_after=STREAM_RETRY_SECONDS,
            )
        self._streams[key_id] = count + 1

    def close_stream(self, key_id: str) -> None:
        self._streams[key_id] -= 1
        if not self._streams[key_id]:
            del self._streams[key_id]


class Visit:
    """One request on its way. Whoever authenticates it says so, and whoever opens a stream for it."""

    def __init__(self, limits: Limits, digest: bytes | None, is_admitted: bool, remaining: int, seconds: int) -> None:
        self._limits = limits
        self._digest = digest
        self._open: list[str] = []
        self.is_admitted = is_admitted
        self.remaining = remaining
        self.seconds = seconds

    def authenticated(self) -> None:
        """The secret that the request carries is good."""
        if self._digest is not None:
            self._limits.know(self._digest)

    def open_stream(self, key_id: str) -> None:
        """Count a stream until the request has ended.

        Raises:
            TooManyStreams: the key has as many open as it may.
        """
        self._limits.open_stream(key_id)
        self._open.append(key_id)

    def end(self) -> None:
        for key_id in self._open:
            self._limits.close_stream(key_id)


class LimitsMiddleware:
    """Counts each request before anything else is done for it, and tells in each answer what is left."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._limits = Limits(settings.requests_per_minute, settings.streams_per_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        visit = self._limits.visit(scope)
        told = (
            (b"ratelimit-policy", self._limits.policy),
            (b"ratelimit", b'"default";r=%d;t=%d' % (visit.remaining, visit.seconds)),
        )

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        if not visit.is_admitted:
            refused = http_problems.told(self._limits.refusal(visit.seconds), scope["path"])
            await refused(scope, receive, send_told)
            return
        scope.setdefault("state", {})["visit"] = visit
        try:
            await self._app(scope, receive, send_told)
        finally:
            visit.end()


def _subscriber(scope: Scope) -> str:
    """Who asks, where no key says it: the client's address."""
    host = scope["client"][0] if scope.get("client") else ""
    if ":" not in host:
        return str(host)
    try:
        return str(ipaddress.IPv6Network((host.partition("%")[0], IPV6_SUBSCRIBER_BITS), strict=False))
    except ValueError:
        return str(host)
