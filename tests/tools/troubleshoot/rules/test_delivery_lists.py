"""Deliveries as people list them: which are no deliveries, or were taken, must not be told as failed."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import told
from tools.troubleshoot.rules.delivery_lists import failed_deliveries

TABLE = "time,event,url,status\n2026-06-25T22:00:10Z,evt_1,https://in.acme.example/x,200\n2026-06-25T22:31:00Z,evt_2,https://in.acme.example/x,{last}\n"


@pytest.mark.parametrize(
    ("message", "host"),
    [
        (
            "Delivery failed: POST https://ops.acme.example/hooks -> 302 Location: https://ops.acme.example/login",
            "ops.acme.example",
        ),
        ("evt_a POST https://in.acme.example/wh   500   since tonight", "in.acme.example"),
        ("Your webhooks: https://in.acme.example/wh: HTTP 410", "in.acme.example"),
        (TABLE.format(last=500), "in.acme.example"),
        (TABLE.format(last=404), "in.acme.example"),
    ],
)
def test_failed_deliveries(message: str, host: str) -> None:
    found = failed_deliveries(case_of(message))
    assert found is not None
    assert found.host == host
    assert told("webhook_endpoint_failing", case_of(message)) == "likely customer"


@pytest.mark.parametrize(
    "message",
    [
        "POST https://in.acme.example/wh -> 500",  # nothing says that it is a delivery
        "The webhook log: POST https://in.acme.example/wh -> 200",
        "We create webhooks by POST https://api.example.com/v1/webhooks -> 403",
        "We create webhooks by POST https://api.acme.example/v1/webhooks -> 403",
        "Delivery of https://in.acme.example/wh takes 500 ms",
        TABLE.format(last=204),
        TABLE.format(last=777),
        TABLE.replace("event", "customer").format(last=500),
    ],
)
def test_no_failed_deliveries(message: str) -> None:
    assert failed_deliveries(case_of(message)) is None
