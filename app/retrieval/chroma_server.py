"""A Chroma server, for several machines. Imported only where one is set: Chroma takes seconds to load.

Chroma's own client waits for ever for a server that does not answer. Ours gives up, so that no thread is lost to it.
"""

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.config import Settings

if TYPE_CHECKING:
    from chromadb.api.client import Client

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
"""For each read of an answer; the callers' deadlines are for the whole."""


def connect(url: str) -> "Client":
    """A client of the server at an http(s) address.

    Raises:
        Exception: httpx's or Chroma's own, where no Chroma server answers there in time.
    """
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    parts = urlsplit(url)
    # Making the client asks the server things without a time limit, so that it is asked with one before.
    httpx.get(f"{parts.scheme}://{parts.netloc}/api/v2/heartbeat", timeout=timeout).raise_for_status()
    secure = parts.scheme == "https"
    client: Any = chromadb.HttpClient(
        host=parts.hostname or "",
        port=parts.port or (443 if secure else 80),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False, chroma_otel_collection_endpoint=""),
    )
    client._server._session.timeout = timeout
    return cast("Client", client)
