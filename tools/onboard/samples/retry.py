"""Retries: back off on 429 and on 5xx, wait at least as long as Retry-After says, and give up after five attempts.

EVENTS_API_URL=… EVENTS_API_KEY=… python retry.py    (Python 3.9 or newer, nothing to install)
"""

import datetime as dt
import email.utils
import json
import os
import random
import time
import urllib.error
import urllib.request
import uuid

API = os.environ["EVENTS_API_URL"]  # the address of the API, of the sandbox first
ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE = 5, 1.0, 60.0


def retry_after(value: "str | None") -> float:
    """Seconds that the server asks for: a number, or a date; 0 where it says nothing that can be read."""
    if not value:
        return 0.0
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max((until - dt.datetime.now(dt.timezone.utc)).total_seconds(), 0.0)


def pause_before(attempt: int, asked: float) -> float:
    """Full jitter below 1, 2, 4, … seconds; what the server asks for is the least, however long it is."""
    return max(asked, random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))


def send_event(event: dict[str, object]) -> str:
    key = str(uuid.uuid4())  # the same for every attempt: the event is taken once
    for attempt in range(ATTEMPTS):
        request = urllib.request.Request(
            f"{API}/api/v2/events",
            data=json.dumps(event).encode(),
            headers={
                "Authorization": f"Bearer {os.environ['EVENTS_API_KEY']}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return str(json.load(answer)["id"])
        except urllib.error.HTTPError as error:
            if error.code != 429 and error.code < 500:
                raise  # 400, 401, 403, 404: the same call will fail again
            problem, asked = f"answered {error.code}", retry_after(error.headers.get("Retry-After"))
        except OSError as error:
            problem, asked = f"failed ({error})", 0.0
        if attempt + 1 < ATTEMPTS:
            pause = pause_before(attempt, asked)
            print(f"{problem}, next attempt in {pause:.1f} s")
            time.sleep(pause)
    raise RuntimeError(f"given up after {ATTEMPTS} attempts: {problem}; put the event back into your queue")


if __name__ == "__main__":
    event: dict[str, object] = {"type": "order.shipped", "subject": "order-1042", "data": {"carrier": "post"}}
    print("taken as", send_event(event))
