"""Masks secrets in text: nothing that opens a door may stand in an answer, a log, a trace or a prompt.

A secret becomes a stable placeholder: `[password]`, `[jwt]`, or `[api-key…1234]`, which keeps an API key's last four
characters so that people can tell which key is meant; of an e-mail address the domain is kept. Placeholders hold no
spaces, so a masked curl command still splits into the same words. Masking is idempotent and takes time linear in the
text: quantifiers before a possible failure are possessive, and no pattern can start inside a run that another start
has already scanned.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

SecretKind = Literal[
    "api key", "token", "basic credentials", "password", "cookie", "jwt", "private key", "card number", "email"
]

LEAST_LENGTH_WITH_TAIL = 8
"""A key shorter than this would be half told by its last four characters."""

LEAST_TOKEN_LENGTH = 8
LEAST_PASSWORD_LENGTH = 5
"""In prose ("token: expired", "password is wrong") a value counts from this length on, and with a digit in it."""

MOST_PASSES = 8
"""What one pass masks may lay open a secret that stood in the same match; then the text is gone over again."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The masked text, and the kinds of secrets masked in it, in alphabetical order."""

    text: str
    kinds: tuple[SecretKind, ...]


def mask_secrets(text: str) -> str:
    """`text` with every secret in it replaced by its placeholder."""
    return mask(text).text


def mask(text: str) -> Masked:
    """`text` with its secrets replaced, and which kinds they were. What is masked already counts again."""
    for _ in range(MOST_PASSES):
        masked = _mask_once(text)
        if masked == text:
            break
        text = masked
    return Masked(text, tuple(sorted({_KIND_OF[name] for name in _PLACEHOLDER.findall(text)})))


def put_emails_back(masked: str, known: Iterable[str]) -> str:
    """`masked` with the mail addresses for which placeholders stand, for a reader who may see the texts of `known`.

    A placeholder stays where `known` holds no address of its domain, or several.
    """
    if not _EMAIL_PLACEHOLDER.search(masked):
        return masked
    found: dict[str, set[str]] = {}
    for address in (match[0] for text in known for match in _ADDRESS.finditer(text)):
        found.setdefault(_placeholder("email", address).lower(), set()).add(address)

    def address_of(placeholder: re.Match[str]) -> str:
        addresses = found.get(placeholder[0].lower(), set())
        return next(iter(addresses)) if len(addresses) == 1 else placeholder[0]

    return _EMAIL_PLACEHOLDER.sub(address_of, masked)


def _mask_once(text: str) -> str:
    lowered = text.lower()
    for rule in _RULES:
        if any(word in lowered for word in rule.words):
            text = rule.mask(text)
    return text


def _placeholder(kind: SecretKind, secret: str) -> str:
    if kind == "email":
        return f"[email…@{secret.rpartition('@')[2]}]"
    tail = secret[-4:]
    if kind in ("api key", "token") and len(secret) >= LEAST_LENGTH_WITH_TAIL and _TAIL.fullmatch(tail):
        return f"[{kind.replace(' ', '-')}…{tail}]"
    return f"[{kind.replace(' ', '-')}]"


_KIND_OF: dict[str, SecretKind] = {kind.replace(" ", "-"): kind for kind in get_args(SecretKind)}
_TAIL = re.compile(r"[A-Za-z0-9]{4}")
_PLACEHOLDER = re.compile(rf"\[({'|'.join(_KIND_OF)})(?:…(?:[A-Za-z0-9]{{4}}|@[A-Za-z0-9.-]{{1,255}}))?\]")
_VARIABLE = re.compile(r"\$\{?[A-Z_][A-Z0-9_]*\}?|\{\{.*\}\}|<[\w -]+>|[*x•.]+")
"""What stands in for a secret in an example: `$API_KEY`, `{{key}}`, `<your key>`, `****`."""


@dataclass(frozen=True, slots=True)
class _Rule:
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
        if _PLACEHOLDER.fullmatch(secret) or _VARIABLE.fullmatch(secret) or not self.accept(secret):
            return secret
        return _placeholder(self.kind, secret)


def _rule(kind: SecretKind, words: str, pattern: str, accept: Callable[[str], bool] = bool) -> _Rule:
    return _Rule(kind, tuple(words.split("|")), re.compile(pattern, re.IGNORECASE), accept)


def _looks_random(value: str) -> bool:
    return len(value) >= LEAST_TOKEN_LENGTH and any(c.isdigit() for c in value)


def _looks_chosen(value: str) -> bool:
    return len(value) >= LEAST_PASSWORD_LENGTH and any(c.isdigit() for c in value)


def _looks_issued(value: str) -> bool:
    """A one-time code in a link: not `404`, `expired` or `not_found`."""
    return _looks_random(value) or (len(value) >= LEAST_TOKEN_LENGTH and value not in (value.lower(), value.upper()))


def _is_card(number: str) -> bool:
    """Whether the check digit holds (Luhn): every second digit from the right doubled, the sum a multiple of ten."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_login(value: str) -> bool:
    """Not the user and group ids of `-u 1000:1000`."""
    return not value.isdigit()


_OPEN = r"""(?:\\?["'])?+"""
_EQUALS = r"(?:>|[ \t]*+(?:=>|[:=])[ \t]*+)"
_QUOTED = r"""\\"([^"\\\n]++)\\"|"((?:[^"\\\n]|\\.)++)"|'([^'\n]++)'"""
_VALUE = rf"""(?:{_QUOTED}|([^\s"'&,;\\<>`)]++))"""
_KEY_NAMES = (
    r"(?:api[ _-]?key|account[ _-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?(?:access[_-]?)?key|x-[a-z-]{0,20}secret"
    r"|(?:client|signing|webhook|shared|app)[_-]?secret)"
)
_TOKEN_NAMES = (
    r"(?:(?:access|auth|refresh|bearer|private|session|id|csrf|security)[_-]?token"  # noqa: S105 - names of fields
    r"|x-[a-z-]{0,20}token)"
)
_PASSWORD_NAMES = r"(?:password|passwd|pass[ _-]?phrase|passcode|pwd)"  # noqa: S105 - names of fields
_NEXT_FIELD = r"""[ \t]{0,3}["'\\]{0,2}[\w.-]{1,40}(?:[ ][\w.-]{1,40})?["'\\]{0,2}[ \t]{0,3}[:=]"""
_PASSWORD = rf"""(?:{_QUOTED}|((?:[^\s"'&,;\\<>`)]|[&,;)](?!{_NEXT_FIELD})(?=[^\s"'`,;)])|\\(?!["'nrt]))++))"""
"""A password holds `&`, `,` and `;` too, unless the next field of a form or a connection string follows."""

_PASSWORD_LINE = rf"""(?:{_QUOTED}|((?:[^\n"'`,;]|["'`](?![\s,;)}}\]]|$)|[,;](?!{_NEXT_FIELD}))++))"""
"""After `password:` all up to the end of the line, of the quotation it stands in, or to the next field."""

_USER_OPTION = r"(?<!\S)(?:-u[ \t]*+|-U[ \t]++|--(?:proxy-)?user[ \t=]++)"
_SCHEMES = r"(?:bearer|token|digest|negotiate|apikey|key|aws4-hmac-sha256)"
_IS = r"[ \t]++(?:is|was)(?:[ \t]*+:)?+[ \t]++"
_CARD = (
    r"(?<![\w.-])(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|[45]\d\d)|35\d\d)(?:[ -]?\d{4}){3}(?:[ -]?\d{3})?"
    r"|3[47]\d\d[ -]?\d{6}[ -]?\d{5}|3[068]\d\d[ -]?\d{6}[ -]?\d{4}|4\d{12}"
    r"|(?:1800|2131)\d{11}|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15})(?![\w-]|\.\d)"
)
_EMAIL = r"(?<![\w.%+@…-])[\w.%+-]{1,64}+@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])"
_ADDRESS = re.compile(_EMAIL, re.IGNORECASE)
_EMAIL_PLACEHOLDER = re.compile(r"\[email…@[A-Za-z0-9.-]{1,255}\]")
_KEY_PREFIXES = (
    r"(?:(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{4,}+|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|gh[pousr]_[A-Za-z0-9]{16,}+"
    r"|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[a-z]-[\w-]{8,}+|xapp-[\w-]{8,}+|AIza[\w-]{30,}+|npm_[A-Za-z0-9]{20,}+"
    r"|whsec_[A-Za-z0-9+/=]{8,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+)"
)

_RULES: tuple[_Rule, ...] = (
    _rule(
        "private key",
        "private key-----|private key block-----",
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*+"
        r"(?:-----END [A-Z0-9 ]{0,50}-----)?",
    ),
    _rule("jwt", "eyj", r"(?<![\w-])eyJ[\w-]{5,}+\.[\w-]{5,}+(?:\.[\w-]*+)?"),
    _rule("api key", "sk_|rk_|pk_|akia|asia|gh|glpat-|xox|xapp-|aiza|npm_|whsec_|sg.", rf"(?<![\w-]){_KEY_PREFIXES}"),
    _rule("api key", "sk-", r"(?<![\w-])sk-[\w-]{16,}+", _looks_random),
    _rule("api key", "hooks.slack.com", r"hooks\.slack\.com/services/([A-Za-z0-9/]{8,}+)"),
    _rule("basic credentials", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}basic[ \t]++([^\s\"'\\,;]++)"),
    _rule("token", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}{_SCHEMES}[ \t]++([^\s\"'\\,;]++)"),
    _rule("token", "authorization", rf"\bauthorization{_OPEN}{_EQUALS}{_OPEN}([^\s\"'\\,;]++)", _looks_random),
    _rule("token", "bearer", r"\bbearer[ \t]++([\w.~+/=-]{8,}+)", _looks_random),
    _rule("token", "--oauth2-bearer", r"(?<!\S)--oauth2-bearer[ =]++[\"']?+([^\s\"']++)"),
    _rule("cookie", "cookie", rf"\b(?:set-)?cookie{_OPEN}{_EQUALS}{_OPEN}([^\s=\"'\\]++=[^\"'\\\n]*+)"),
    _rule(
        "cookie",
        "-b|--cookie",
        r"(?<!\S)(?:-b|--cookie)[ \t]++(?:\"([^\"=\n]++=[^\"\n]*+)\"|'([^'=\n]++=[^'\n]*+)'|([^\s\"'=]++=[^\s\"']*+))",
    ),
    _rule(
        "password",
        "-u|--user|--proxy-user",
        rf"{_USER_OPTION}(?:\"[^\":\n]++:([^\"\n]++)\"|'[^':\n]++:([^'\n]++)'|[^\s\"':]++:([^\s\"']++))",
        _is_login,
    ),
    _rule("api key", "-u|--user|--proxy-user", rf"{_USER_OPTION}[\"']?+([^\s\"':]++):(?![^\s\"'])", _looks_random),
    _rule("password", "://", r"://[^\s/:@\"'<>]*+:([^\s/\"'<>]+)@"),
    _rule("password", "pass|pwd", rf"{_PASSWORD_NAMES}{_OPEN}[ \t]*+:[ \t]*+{_PASSWORD_LINE}"),
    _rule("password", "pass|pwd", rf"{_PASSWORD_NAMES}{_OPEN}(?:>|[ \t]*+=>?[ \t]*+){_PASSWORD}"),
    _rule("password", "pass|pwd", rf"{_PASSWORD_NAMES}{_IS}{_PASSWORD}", _looks_chosen),
    _rule("password", "--pass|--pwd", rf"(?<!\S)--{_PASSWORD_NAMES}[ \t]++{_PASSWORD}"),
    _rule("api key", "key|secret", rf"{_KEY_NAMES}{_OPEN}{_EQUALS}{_VALUE}"),
    _rule("api key", "key|secret", rf"{_KEY_NAMES}{_IS}{_VALUE}", _looks_random),
    _rule("api key", "--", rf"(?<!\S)--{_KEY_NAMES}[ \t]++{_VALUE}"),
    _rule("token", "token", rf"{_TOKEN_NAMES}{_OPEN}{_EQUALS}{_VALUE}"),
    _rule("token", "token|secret", rf"(?<![\w-])(?:token|secret)(?:\\?[\"']{_EQUALS}|=){_VALUE}"),
    _rule("token", "token|secret", rf"(?<![\w-])(?:token|secret):[ \t]*+{_VALUE}", _looks_random),
    _rule("token", "token|secret", rf"(?<![\w-])(?:{_TOKEN_NAMES}|token|secret){_IS}{_VALUE}", _looks_random),
    _rule("token", "--token|--secret", rf"(?<!\S)--(?:token|secret)[ \t]++{_VALUE}"),
    _rule("token", "code=", r"(?<=[?&])(?:auth_?|authorization_)?code=([^\s\"'&<>]++)", _looks_issued),
    _rule("token", "sig", r"(?<=[?&])(?:sig|signature|x-amz-signature|x-amz-credential)=([^\s\"'&<>]++)"),
    _rule("card number", "", _CARD, _is_card),
    _rule("email", "@", _EMAIL),
)
"""In this order: what a secret looks like, then what stands before it."""
