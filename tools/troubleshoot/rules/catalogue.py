"""All rules. Of findings that are equally certain the earlier rule's comes first."""

from tools.troubleshoot.rules import (
    data,
    extent,
    gateways,
    keys,
    latency,
    limits,
    network,
    programs,
    rates,
    requests,
    scim,
    sso,
    tls,
    webhooks,
)
from tools.troubleshoot.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *tls.RULES,
    *sso.RULES,
    *scim.RULES,
    *keys.RULES,
    *webhooks.RULES,
    *limits.RULES,
    *network.RULES,
    *requests.RULES,
    *data.RULES,
    *programs.RULES,
    *gateways.RULES,
    *latency.RULES,
    *rates.RULES,
    *extent.RULES,
)
