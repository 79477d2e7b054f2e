"""Paths of requests: without their query, and as endpoints, in which ids are `{id}`."""

import re
from functools import lru_cache

LONGEST_PATH = 300

_ID = re.compile(
    r"(?<=/)(?:"
    r"\d++"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|[A-Za-z]{1,12}[_-](?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{5,64}"  # ord_18Xk2, INV-20417
    r"|(?=[A-Za-z]{0,40}\d[A-Za-z]{0,40}\d)[A-Za-z0-9]{8,64}"
    r"|\d{4}-\d\d-\d\d"
    r"|[^/@]{1,64}@[^/@]{1,64}"
    r"|[^/]{41,}"
    r")(?=/|$)"
)
_LONG_SEGMENT = re.compile(r"[^/]{41}")
_DIGIT = re.compile(r"\d")


def path_of(target: str) -> str:
    """The path of a request's target, which may be a whole URL: without host, query and fragment, and cut."""
    target = target[:2_000]
    if "://" in target[:12]:
        _, _, rest = target.partition("://")
        host, slash, path = rest.partition("/")
        target = slash + path if slash and "?" not in host else "/"
    return target.partition("?")[0].partition("#")[0][:LONGEST_PATH]


def host_of(target: str) -> str:
    """The host of a whole URL, without user and port; empty for a path alone."""
    scheme, separator, rest = target[:2_000].partition("://")
    if not separator or not scheme.isalpha():
        return ""
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0][:253]


@lru_cache(8_192)
def endpoint_of(path: str) -> str:
    """The path with ids, numbers, days, addresses and long segments as `{id}`."""
    if not _DIGIT.search(path) and "@" not in path and not _LONG_SEGMENT.search(path):
        return path
    return _ID.sub("{id}", path)
