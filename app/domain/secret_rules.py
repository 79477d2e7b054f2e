"""What a secret looks like: one rule for each way in which people and programs write one, and what stands for it.

Time is linear in the text: quantifiers before a possible failure are possessive.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

SecretKind = Literal[
    "api key", "token", "basic credentials", "password", "cookie", "jwt", "private key", "card number", "email"
]

LEAST_LENGTH_WITH_TAIL = 8
"""A key shorter than this would be half told by its last four characters."""

LEAST_TOKEN_LENGTH = 8
LEAST_KEY_LENGTH = 16
LEAST_GENERATED_LENGTH = 12
LEAST_PASSWORD_LENGTH = 5
"""In prose ("token: expired", "password is wrong") a value counts from this length on, and with a digit in it."""


def placeholder(kind: SecretKind, secret: str) -> str:
    if kind == "email":
        return f"[email…@{secret.replace('%40', '@').rpartition('@')[2]}]"
    tail = secret[-4:]
    if kind in ("api key", "token") and len(secret) >= LEAST_LENGTH_WITH_TAIL and _TAIL.fullmatch(tail):
        return f"[{kind.replace(' ', '-')}…{tail}]"
    return f"[{kind.replace(' ', '-')}]"


KIND_OF: dict[str, SecretKind] = {kind.replace(" ", "-"): kind for kind in get_args(SecretKind)}
_TAIL = re.compile(r"[A-Za-z0-9]{4}")
PLACEHOLDER = re.compile(rf"\[({'|'.join(KIND_OF)})(?:…(?:[A-Za-z0-9]{{4}}|@[A-Za-z0-9.-]{{1,255}}))?\]")
_VARIABLE = re.compile(r"\$\{?[A-Z_][A-Z0-9_]*\}?|\{\{.*\}\}|<[\w -]+>|[*x•.]+|[|>][+-]?|\{[A-Za-z_.]*[}\[]")
"""What stands in for a secret in an example: `$API_KEY`, `{{key}}`, `<your key>`, `****`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Masks the groups of `pattern` (all of a match where it has none) that `accept` takes for a secret.

    A text that holds none of `words` holds no match.
    """

    kind: SecretKind
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    accept: Callable[[str], bool]

    def mask(self, text: str) -> str:
        return self.pattern.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        whole = match.group()
        if not self.pattern.groups:
            return self._masked(whole)
        for group in range(self.pattern.groups, 0, -1):
            if match[group]:
                start, end = (place - match.start() for place in match.span(group))
                whole = whole[:start] + self._masked(match[group]) + whole[end:]
        return whole

    def _masked(self, secret: str) -> str:
        if PLACEHOLDER.fullmatch(secret) or _VARIABLE.fullmatch(secret) or not self.accept(secret):
            return secret
        return placeholder(self.kind, secret)


@dataclass(frozen=True, slots=True)
class Within:
    """Applies a rule to nothing but the matches of `pattern`."""

    kind: SecretKind
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    rule: Rule

    def mask(self, text: str) -> str:
        return self.pattern.sub(lambda match: self.rule.mask(match.group()), text)


def _rule(kind: SecretKind, words: str, pattern: str, accept: Callable[[str], bool] = bool) -> Rule:
    return Rule(kind, tuple(words.split("|")), re.compile(pattern, re.IGNORECASE), accept)


def _within(words: str, pattern: str, rule: Rule) -> Within:
    return Within(rule.kind, tuple(words.split("|")), re.compile(pattern, re.IGNORECASE), rule)


def _looks_random(value: str) -> bool:
    return len(value) >= LEAST_TOKEN_LENGTH and any(c.isdigit() for c in value)


def _looks_generated(value: str) -> bool:
    """Not the name of a field with a number in it, which may follow another one in a list."""
    return _looks_random(value) and len(value) >= LEAST_GENERATED_LENGTH


def _looks_chosen(value: str) -> bool:
    return len(value) >= LEAST_PASSWORD_LENGTH and any(c.isdigit() for c in value)


def _looks_issued(value: str) -> bool:
    """A one-time code in a link: not `404`, `expired` or `not_found`."""
    return _looks_random(value) or (len(value) >= LEAST_TOKEN_LENGTH and value not in (value.lower(), value.upper()))


def _looks_like_a_key(value: str) -> bool:
    """What a generator made, not a word, a time or a name with a number: long, with digits, letters, no more."""
    return len(value) >= LEAST_KEY_LENGTH and value.isalnum() and not value.isalpha() and not value.isdigit()


def _is_encoded_login(value: str) -> bool:
    """Whether it is `user:password` in base64."""
    user, colon, _ = _decoded(value).partition(":")
    return bool(colon and user) and user.isprintable() and user.isascii()


def _is_encoded_key(value: str) -> bool:
    """Whether it is the PEM of a private key in base64, not that of a certificate."""
    return "PRIVATE KEY" in _decoded(value[:80])


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value[: len(value) // 4 * 4]).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _is_card(number: str) -> bool:
    """Whether the check digit holds (Luhn): every second digit from the right doubled, the sum a multiple of ten."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_login(value: str) -> bool:
    """Not the user and group ids of `-u 1000:1000`."""
    return not value.isdigit()


_LIST = r"""(?:\[\s{0,40}+(?=\\{0,7}["']))?+(?:[bf](?=["']))?+"""
_OPEN = r"""(?:\\{0,7}+["'“”]|[*_`]{1,2}+)?+\]?+"""
_BLANKS = r"[ \t\u00a0]*+"
_EQUALS = rf"(?:>|{_BLANKS}(?:=>|[:=\uff1a])(?:[*_]{{2}})?+{_BLANKS}{_LIST})"
"""Between a name and its value, up to the value's quotation mark: of a list the first value counts."""

_QUOTED = (
    r"""\\{1,7}+"([^"\\\n]++)\\{1,7}+"|"((?:[^"\\\n]|\\.)++)"|'([^'\n]++)'"""
    r"|`([^`\n]++)`|[“”]([^“”\n]++)[“”]"
)
"""JSON within JSON within JSON has its quotation marks behind up to seven backslashes."""

_VALUE = rf"""(?:{_QUOTED}|([^\s"'&,;\\<>`)]++))"""
_KEY_NAMES = (
    r"(?:api[ _-]?key|account[ _-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?(?:access[_-]?)?key(?:[_-]?base)?"
    r"|(?:signing|encryption|private|master|license|subscription|functions|app)[_-]?key|client-key-data"
    r"|x-[a-z-]{0,20}secret|(?:client|signing|webhook|shared|app|jwt|django|session|encryption)[ _-]?secret)"
)
_TOKEN_NAMES = (
    r"(?:(?:access|auth|refresh|bearer|private|session|id|csrf|security)[_-]?token"  # noqa: S105 - names of fields
    r"|x-[a-z-]{0,20}token)"
)
_PASSWORD_NAMES = r"(?:password|passwd|pass[ _-]?phrase|passcode|pwd|passwort|kennwort|mot de passe|contraseña)"  # noqa: S105 - names of fields
_NEXT_FIELD = r"""[ \t]{0,3}["'\\]{0,2}[\w.-]{1,40}(?:[ ][\w.-]{1,40})?["'\\]{0,2}[ \t]{0,3}[:=]"""
_PASSWORD = rf"""(?:{_QUOTED}|((?:[^\s"'&,;\\<>`)]|[&,;)](?!{_NEXT_FIELD})(?=[^\s"'`,;)])|\\(?!["'nrt]))++))"""
"""A password holds `&`, `,` and `;` too, unless the next field of a form or a connection string follows."""

_PASSWORD_LINE = rf"""(?:{_QUOTED}|((?:[^\n"'`,;]|["'`](?![\s,;)}}\]]|$)|[,;](?!{_NEXT_FIELD}))++))"""
"""After `password:` all up to the end of the line, of the quotation it stands in, or to the next field."""

_USER_OPTION = r"(?<!\S)(?:-u[ \t]*+|-U[ \t]++|--(?:(?:proxy-)?user|auth)[ \t=]++)"
_SCHEMES = (
    r"(?:bearer|token|digest|negotiate|ntlm|api-?key|key|aws4-hmac-sha256|ssws|geniekey|dpop|hmac|sso-key"
    r"|[a-z]{1,20}-oauthtoken|shared(?:accesssignature|key))"
)
_IS = r"[ \t]++(?:is|was|lautet|ist)(?:[ \t]*+:)?+[ \t]++"
_SECRET_NAMES = (
    rf"(?:[\w. -]{{0,40}}?(?:{_KEY_NAMES}|{_TOKEN_NAMES}|{_PASSWORD_NAMES}|x-[a-z-]{{0,20}}key|token|secret)"
    r"|(?:set-)?cookie|(?:proxy-)?authorization)"
)
_MARK = r"""\\{0,7}+["']"""
_NAMED = rf"[\"'](?:name|key|path){_MARK}[ \t]*+:[ \t]*+{_MARK}{_SECRET_NAMES}{_MARK}"
_VALUE_OF = rf"[\"'](?:value|stringvalue){_MARK}[ \t]*+:[ \t]*+(?:{_QUOTED})"
_NAMED_VALUE = rf"{_NAMED}[ \t]*+,\s{{0,80}}+(?:{_MARK}value{_MARK}[ \t]*+:\s*+\{{\s*+)?+\\{{0,7}}+{_VALUE_OF}"
_VALUE_NAMED = rf"{_VALUE_OF}[ \t]*+,\s{{0,80}}+\\{{0,7}}+{_NAMED}"
"""A header or field as a pair: `{"name": "Cookie", "value": "…"}`, as HAR, JSON Patch and OpenTelemetry have it."""

_YAML_PAIR = rf"\bname:[ \t]*+[\"']?+{_SECRET_NAMES}[\"']?+[ \t]*+\n[ \t]*+value:[ \t]*+(?:{_QUOTED}|([^\s\"'`]++))"
_COOKIES = rf"[\"']cookies{_MARK}[ \t]*+:\s*+\[[^\]]{{1,20000}}+"
_CELL = rf"{_BLANKS}[|\t]{_BLANKS}([^\s|]++)"
_NEXT_CELL = rf"[\"']{_SECRET_NAMES}{_MARK}[ \t]*+,\s{{0,40}}+b?{_MARK}([^\s\"'\\,|]++)"
_LINE_BELOW = r"[ \t]*+\n[ \t]*+([^\s:\"',{}\[\]]++)[ \t]*+(?![^\n])"
_BLOCK = r"[\"']?+:[ \t]*+(?:[|>][+-]?+)?+[ \t]*+\n[ \t]{1,20}+([^\s:\"'{}\[\]-][^\s:\"']*+)[ \t]*+(?![^\n])"
_ESCAPES = "%3d|%3a|%253d|%253a|%25253d"
_ESCAPED_EQUALS = r"(?:%(?:25){0,3}2[27])?+%(?:25){0,3}3[AD](?:%(?:25){0,3}2[027]|\+)*+"
_ESCAPED_VALUE = r"((?:[\w.~*!+/-]|%(?!(?:25){0,3}(?:2[0267C]|3B|[57]D|0A))[0-9A-F]{2})++)"
_ATTRIBUTE = r"[\"'][ \t]++(?:value|connectionstring)=(?:\"([^\"\n<>]++)\"|'([^'\n<>]++)')"
_ELEMENT = r"(?:[\"'][^<>\n]{0,200}+|[ \t][^<>\n]{1,200}+)>([^<>\n]++)<"
_ASSIGNED = (
    r"(?:[ \t]*+:[ \t]*+[\w|.]{1,30}+)?[ \t]*+=[ \t]*+b?+"
    r"(?:\"([^\"\s{}]++)\"|'([^'\s{}]++)'|`([^`\s{}]++)`)"
)

_CARD = (
    r"(?<![\w.-])(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|[45]\d\d)|35\d\d)(?:[ -]?\d{4}){3}(?:[ -]?\d{3})?"
    r"|3[47]\d\d[ -]?\d{6}[ -]?\d{5}|3[068]\d\d[ -]?\d{6}[ -]?\d{4}|4\d{12}"
    r"|(?:1800|2131)\d{11}|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15})(?![\w-]|\.\d)"
)
_EMAIL_ESCAPED = r"(?<![\w.%+@…-])[\w.+-]{1,64}+%40(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])"
_EMAIL = r"(?<![\w.%+@…-])[\w.%+-]{1,64}+@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])"
ADDRESS = re.compile(_EMAIL, re.IGNORECASE)
EMAIL_PLACEHOLDER = re.compile(r"\[email…@[A-Za-z0-9.-]{1,255}\]")
_DOT = r"(?:\.|%(?:25){0,3}2e|\\{1,7}u002e)"
_JWT = rf"(?<![\w-])eyJ[\w-]{{5,}}+(?:{_DOT}[\w-]{{5,}}+|\.(?=\.[\w-]))"
_JWT_SIGNATURE = rf"(?:\[signature\]|[\w-]*+(?:{_DOT}[\w-]++)*+)"  # an encrypted token has five parts
TOKEN = re.compile(rf"({_JWT})(?:{_DOT}({_JWT_SIGNATURE}))?", re.IGNORECASE)
STAND_IN = re.compile(r"\[jwt…([A-Za-z0-9]{4,})\]")
_KEY_PREFIXES = (
    r"(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{4,}+|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|gh[pousr]_[A-Za-z0-9]{16,}+"
    r"|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{8,}+|xapp-[\w-]{8,}+|AIza[\w-]{30,}+|npm_[A-Za-z0-9]{20,}+"
    r"|whsec_[A-Za-z0-9+/=]{8,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+|GOCSPX-[\w-]{16,}+|ya29\.[\w-]{16,}+|hf_[A-Za-z0-9]{24,}+"
    r"|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{24,}+|do[opr]_v1_[a-f0-9]{32,}+|hv[sbr]\.[\w-]{20,}+|ATATT3[\w=-]{20,}+"
    r"|lin_api_\w{20,}+|gl(?:rt|dt|ptt|cbt)-[\w-]{16,}+|pypi-AgE[\w-]{16,}+|NRAK-[A-Z0-9]{20,}+|PMAK-[\w-]{20,}+"
    r"|dp\.(?:st|pt|ct|sa)\.[\w.-]{20,}+|key-[a-f0-9]{32}(?![\w-])|SK[a-f0-9]{32}(?![\w-])|EAAA[\w-]{28,}+)"
)

_AUTHORIZATION_PART = _rule(
    "token",
    "=",
    r"\b(?:signature|response|mac|c?nonce|opaque|oauth_[a-z_]{1,30})=\"?+([^\s\",]++)",
    _looks_random,
)
_COOKIE_VALUE = _rule("cookie", "value", rf"{_MARK}value{_MARK}[ \t]*+:[ \t]*+(?:{_QUOTED})")

RULES: tuple[Rule | Within, ...] = (
    _rule(
        "private key",
        "private key-----|private key block-----",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*+"
        r"(?:-----END [A-Z0-9 ]{0,50}-----)?",
    ),
    _rule(
        "private key",
        "private key-----",
        r"(?<![A-Za-z0-9+/=]\n)(?m:^)(?:[A-Za-z0-9+/=]{1,80}\n)++-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY-----",
    ),
    _rule("private key", "ls0tls1crudjti", r"LS0tLS1CRUdJTi[A-Za-z0-9+/]++={0,2}+", _is_encoded_key),
    _rule("jwt", "eyj", rf"{_JWT}(?:{_DOT}{_JWT_SIGNATURE})?"),
    _rule(
        "api key",
        "sk_|rk_|pk_|akia|asia|gh|gl|xox|xapp-|aiza|npm_|whsec_|sg.|gocspx|ya29|hf_|shp|_v1_|hv|atatt3|lin_api|pypi-|nrak"
        "|pmak|dp.|key-|sk|eaaa",
        rf"(?<![\w-]){_KEY_PREFIXES}",
    ),
    _rule("api key", "sk-", r"(?<![\w-])sk-[\w-]{16,}+", _looks_random),
    _rule("api key", "hooks.slack.com", r"hooks\.slack\.com/services/([A-Za-z0-9/]{8,}+)"),
    _rule("api key", "api/webhooks/", r"\bapi/webhooks/\d{8,20}/([\w-]{20,}+)"),
    _rule("api key", "webhook.office.com", r"webhook\.office\.com/webhookb2/([^\s\"'<>]++)"),
    _rule("api key", ":aa", r"(?<![\w-])\d{8,10}:AA[\w-]{30,}+"),
    _rule(
        "basic credentials",
        "basic",
        r"\bbasic(?:[ \t]++|%20)(?:['\"][ \t]*+\+[ \t]*+['\"])?+([A-Za-z0-9+/]{8,}+={0,2}+)",
        _is_encoded_login,
    ),
    _rule("basic credentials", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}basic[ \t]++([^\s\"'\\,;]++)"),
    _rule("token", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}{_SCHEMES}[ \t]++([^\s\"'\\,;]++)"),
    _rule("token", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}([^\s\"'\\,;]++)", _looks_random),
    _within("authorization", r"\b(?:proxy-)?authorization[\"']?+[ \t]*+[:=][^\n]{0,4000}+", _AUTHORIZATION_PART),
    _rule("token", "bearer", r"\bbearer(?:[ \t\u00a0`]++|%20)([\w.~+/=-]{8,}+)", _looks_random),
    _rule("token", "bearer", r"\bbearer[ \t]*+\n[ \t>]*+([\w.~+/=-]{16,}+)[ \t]*+(?![^\n])", _looks_random),
    _rule("token", "negotiate|ntlm|ssws", r"\b(?:negotiate|ntlm|ssws)[ \t]++([\w+/=-]{20,}+)", _looks_random),
    _rule("token", "--oauth2-bearer", r"(?<!\S)--oauth2-bearer[ =]++[\"']?+([^\s\"']++)"),
    _rule("cookie", "cookie", rf"\b(?:set-)?cookie{_OPEN}{_EQUALS}{_OPEN}([^\s=\"'\\]++=[^\"'\\\n]*+)"),
    _rule(
        "cookie",
        "-b|--cookie",
        r"(?<!\S)(?:-b|--cookie)[ \t]++(?:\"([^\"=\n]++=[^\"\n]*+)\"|'([^'=\n]++=[^'\n]*+)'|([^\s\"'=]++=[^\s\"']*+))",
    ),
    _rule(
        "password",
        "-u|--user|--proxy-user|--auth",
        rf"{_USER_OPTION}(?:\"[^\":\n]++:([^\"\n]++)\"|'[^':\n]++:([^'\n]++)'|[^\s\"':]++:([^\s\"']++))",
        _is_login,
    ),
    _rule(
        "password",
        "-e |cert",
        r"(?<!\S)(?:-E|--(?:proxy-)?cert)[ \t=]++[\"']?+[^\s:\"']{1,200}+(?<=pem|p12|pfx|crt|cer):([^\s\"']++)",
    ),
    _rule("api key", "-u|--user|--proxy-user", rf"{_USER_OPTION}[\"']?+([^\s\"':]++):(?![^\s\"'])", _looks_random),
    _within("cookies", _COOKIES, _COOKIE_VALUE),
    _rule(
        "cookie",
        "true\t|false\t",
        r"\t(?:TRUE|FALSE)\t[^\s]{1,200}+\t(?:TRUE|FALSE)\t\d{1,12}+\t[^\s]{1,200}+\t([^\s]++)",
    ),
    _rule("password", "://", r"://[^\s/:@\"'<>]*+:([^\s/\"'<>]+)@"),
    _rule(
        "password",
        "://",
        r"(?<!http)(?<!https)(?<!ws)(?<!wss)://[^\s/:@\"'<>]{0,100}+:(?!\d{1,5}[/?\s])([^\s@\"'<>]{1,200}+)@",
    ),
    _rule("api key", "://", r"://([^\s/:@\"'<>]{8,200}+)(?=:[^\s/@\"'<>]{0,100}+@)", _looks_random),
    _rule("password", ":thin:", r":thin:[\w$#]{1,60}+/([^\s@\"'<>]{1,200}+)@"),
    _rule(
        "password",
        "pass|pwd|wort",
        rf"{_PASSWORD_NAMES}(?:{_BLOCK}|{_IS}{_PASSWORD}|{_CELL}|{_ATTRIBUTE}|{_ELEMENT})",
        _looks_chosen,
    ),
    _rule(
        "password",
        "pass|pwd|wort|contrase",
        rf"{_PASSWORD_NAMES}{_OPEN}{_BLANKS}[:\uff1a](?:[*_]{{2}})?+{_BLANKS}{_LIST}{_PASSWORD_LINE}",
    ),
    _rule("password", "pass|pwd", rf"{_PASSWORD_NAMES}{_OPEN}(?:>|{_BLANKS}=>?{_BLANKS}{_LIST}){_PASSWORD}"),
    _rule("password", _ESCAPES, rf"{_PASSWORD_NAMES}{_ESCAPED_EQUALS}{_ESCAPED_VALUE}"),
    _rule("password", "password", r"\blogin\s{1,20}+[^\s]{1,100}+\s{1,20}+password[ \t]{1,20}+([^\s]++)"),
    _rule("password", "string(", rf"{_PASSWORD_NAMES}\"\]=>\s{{0,40}}+string\(\d{{1,9}}\) \"([^\"\n]++)\""),
    _rule("password", "name=", rf"name=\\?\"{_PASSWORD_NAMES}\\?\"\n\n([^\n]++)"),
    _rule("password", "--pass|--pwd", rf"(?<!\S)--{_PASSWORD_NAMES}[ \t]++{_PASSWORD}"),
    _rule("api key", "key|secret", rf"{_KEY_NAMES}{_OPEN}{_EQUALS}{_VALUE}"),
    _rule("api key", "--", rf"(?<!\S)--{_KEY_NAMES}[ \t]++{_VALUE}"),
    _rule(
        "api key",
        "key|secret",
        rf"{_KEY_NAMES}(?:{_IS}{_VALUE}|{_BLOCK}|{_LINE_BELOW}|{_CELL}|{_ATTRIBUTE}|{_ELEMENT})",
        _looks_random,
    ),
    _rule("api key", _ESCAPES, rf"{_KEY_NAMES}{_ESCAPED_EQUALS}{_ESCAPED_VALUE}", _looks_random),
    _rule("api key", "string(", rf"{_KEY_NAMES}\"\]=>\s{{0,40}}+string\(\d{{1,9}}\) \"([^\"\n]++)\""),
    _rule("api key", "name=", rf"name=\\?\"(?:{_KEY_NAMES}|{_TOKEN_NAMES}|token|secret)\\?\"\n\n([^\n]++)"),
    _rule("api key", "api", r"\bapi[ _-]?(?:key|token)[ \t]{1,4}+[\"'`(]?+([\w-]++)", _looks_like_a_key),
    _rule("api key", "key=", r"(?<=[?&])key=([^\s\"'&<>]++)", _looks_like_a_key),
    _rule(
        "api key",
        "=\"|='|= \"|= '|=`|= `",
        rf"(?:{_KEY_NAMES}|{_TOKEN_NAMES}|(?<![\w-])key|(?<![a-z-])(?:token|secret)){_ASSIGNED}",
        _looks_random,
    ),
    _rule(
        "api key",
        "key|token|secret",
        r"(?<![\w-])(?:key|token|secret)(?:[ \t]*+[:=][ \t]*+|[ \t]++(?:is[ \t]++)?+)[\"'`(]?+"
        r"([A-Za-z0-9]{16,}+)(?![\w-])",
        _looks_like_a_key,
    ),
    _rule("api key", "createhmac", r"createHmac\([^,\n]{1,40}+,[ \t]*+[\"']([^\"'\n]++)", _looks_random),
    _rule("token", "token", rf"{_TOKEN_NAMES}{_OPEN}{_EQUALS}{_VALUE}"),
    _rule("token", _ESCAPES, rf"(?:{_TOKEN_NAMES}|(?<![a-z])token){_ESCAPED_EQUALS}{_ESCAPED_VALUE}", _looks_random),
    _rule("token", "_token=|_secret=", rf"_(?:token|secret)={_VALUE}", _looks_random),
    _rule("token", "token|secret", rf"(?<![\w-])(?:token|secret)(?:\\{{0,7}}+[\"']{_EQUALS}|=){_VALUE}"),
    _rule("token", "auth|cred|jwt", rf"(?<![a-z-])(?:auth|credentials?|jwt){_OPEN}{_EQUALS}{_VALUE}", _looks_random),
    _rule(
        "token",
        "sess",
        rf"\b(?:jsessionid|phpsessid|sessionid|asp\.net_sessionid){_OPEN}{_EQUALS}{_VALUE}",
        _looks_random,
    ),
    _rule("token", "token|secret", r"<(?:token|secret)>([^<>\n]++)<", _looks_random),
    _rule("token", "token|secret", rf"(?<![\w-])(?:token|secret):[ \t]*+{_VALUE}", _looks_random),
    _rule(
        "token",
        "token|secret",
        rf"(?<![\w-])(?:{_TOKEN_NAMES}|token|secret)(?:{_IS}{_VALUE}|{_BLOCK}|{_LINE_BELOW}|{_CELL})",
        _looks_random,
    ),
    _rule("token", "--token|--secret", rf"(?<!\S)--(?:token|secret)[ \t]++{_VALUE}"),
    _rule(
        "token",
        "code=|ticket=|verifier=",
        r"(?<=[?&])(?:auth_?|authorization_|device_)?(?:code|ticket|code_verifier)=([^\s\"'&<>]++)",
        _looks_issued,
    ),
    _rule("token", "sig", r"(?<=[?&])(?:sig|signature|policy|x-(?:amz|goog)-(?:signature|credential))=([^\s\"'&<>]++)"),
    _rule("token", "value", _NAMED_VALUE),
    _rule("token", "value", _VALUE_NAMED),
    _rule("token", "value:", _YAML_PAIR),
    _rule("token", "key|token|secret|pass|cookie|auth", _NEXT_CELL, _looks_generated),
    _rule("card number", "", _CARD, _is_card),
    _rule("email", "@", _EMAIL),
    _rule("email", "%40", _EMAIL_ESCAPED),
)
"""In this order: what a secret looks like, then what stands before it."""
