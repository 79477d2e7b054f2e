"""First call: send one event and print the id under which it was taken.

EVENTS_API_URL=… EVENTS_API_KEY=… python first_call.py    (Python 3.9 or newer, nothing to install)
"""

import json
import os
import urllib.request
import uuid

API = os.environ["EVENTS_API_URL"]  # the address of the API, of the sandbox first


def send_event(event: dict[str, object]) -> str:
    request = urllib.request.Request(
        f"{API}/api/v2/events",
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['EVENTS_API_KEY']}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


if __name__ == "__main__":
    event: dict[str, object] = {"type": "order.shipped", "subject": "order-1042", "data": {"carrier": "post"}}
    print("taken as", send_event(event))
