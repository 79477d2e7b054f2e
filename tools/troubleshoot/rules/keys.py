"""Rules of credentials."""

from tools.troubleshoot.rules.dropped_auth import redirect_dropped_auth
from tools.troubleshoot.rules.got_past import only_while_refused
from tools.troubleshoot.rules.key_faults import ip_not_allowed, key_environment, key_invalid, key_missing
from tools.troubleshoot.rules.rule import Rule
from tools.troubleshoot.rules.skew import clock_skew
from tools.troubleshoot.rules.token_claims import token_audience, token_issuer
from tools.troubleshoot.rules.token_scope import token_scope
from tools.troubleshoot.rules.token_times import token_expired, token_not_yet_valid

RULES: tuple[Rule, ...] = (
    Rule("clock_skew", "customer", clock_skew),
    Rule("token_expired", "customer", only_while_refused(token_expired)),
    Rule("token_not_yet_valid", "customer", only_while_refused(token_not_yet_valid)),
    Rule("token_audience", "customer", only_while_refused(token_audience)),
    Rule("token_issuer", "customer", only_while_refused(token_issuer)),
    Rule("token_scope", "customer", only_while_refused(token_scope)),
    Rule("redirect_dropped_auth", "customer", redirect_dropped_auth),
    Rule("key_missing", "customer", only_while_refused(key_missing)),
    Rule("key_environment", "customer", only_while_refused(key_environment)),
    Rule("ip_not_allowed", "customer", ip_not_allowed),
    Rule("key_invalid", "customer", only_while_refused(key_invalid)),
)
