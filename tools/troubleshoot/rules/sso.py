"""Rules of signing in."""

from tools.troubleshoot.rules.oauth import oauth_client, oauth_consent, oauth_grant, oauth_state, redirect_uri_mismatch
from tools.troubleshoot.rules.rule import Rule
from tools.troubleshoot.rules.saml import saml_audience, saml_recipient, saml_request_unmatched, saml_status
from tools.troubleshoot.rules.saml_signature import saml_signature
from tools.troubleshoot.rules.saml_time import saml_time
from tools.troubleshoot.rules.sso_users import sso_user_unknown

RULES: tuple[Rule, ...] = (
    Rule("saml_time", "customer", saml_time),
    Rule("saml_signature", "customer", saml_signature),
    Rule("saml_status", "customer", saml_status),
    Rule("saml_audience", "customer", saml_audience),
    Rule("saml_recipient", "customer", saml_recipient),
    Rule("saml_request_unmatched", "customer", saml_request_unmatched),
    Rule("redirect_uri_mismatch", "customer", redirect_uri_mismatch),
    Rule("oauth_client", "customer", oauth_client),
    Rule("oauth_grant", "customer", oauth_grant),
    Rule("oauth_consent", "customer", oauth_consent),
    Rule("oauth_state", "customer", oauth_state),
    Rule("sso_user_unknown", "customer", sso_user_unknown),
)
