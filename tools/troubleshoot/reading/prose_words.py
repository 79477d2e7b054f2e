"""The words by which people tell whom a failure hits, what changed before, since when, and what it costs them."""

import re
from collections.abc import Iterator
from itertools import islice

MOST_FOUND = 6
LONGEST_QUOTE = 160

_DAY = (
    r"(?:yesterday|today|this (?:morning|afternoon|evening|week|month)|last (?:night|week|month|\w{3,6}day)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight|about|around|approximately|~)"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_EVENT = (
    r"(?:deploy(?:ed|ment|ing|s)?|releas(?:ed?|ing|es)|roll(?:ed)?[ -]?out|upgrad(?:ed?|ing)|updat(?:ed?|ing)"
    r"|migrat(?:ed?|ion|ing)|mov(?:ed?|ing)|switch(?:ed|ing|over)?"
    r"|chang(?:ed?|es|ing)|rotat(?:ed?|ion|ing)|renew(?:ed|al|ing)?|replac(?:ed?|ing|ement)|renam(?:ed?|ing)"
    r"|enabl(?:ed?|ing)|disabl(?:ed?|ing)|turn(?:ed|ing) (?:on|off)"
    r"|add(?:ed|ing)|attach(?:ed|ing)?|remov(?:ed?|al|ing)|install(?:ed|ation|ing)?|restart(?:ed|ing)?|patch(?:ed|ing)?"
    r"|cut[ -]?over|merg(?:ed?|er|ing)|went live|go(?:ing)?[ -]live|re?configur(?:ed?|ation|ing)"
    r"|swapp?(?:ed|ing)?|introduc(?:ed?|ing)|bump(?:ed|ing)?|push(?:ed|ing)?|revok(?:ed?|ing)|regenerat(?:ed?"
    r"|ing)|refactor(?:ed|ing)?|maintenance|failover|scal(?:ed|ing) (?:up|down|out))"
)
_CHANGED = re.compile(
    rf"(?P<said>\b(?:(?:right |just |shortly |immediately |soon |directly )?after|since|following|as soon as"
    rf"|once|ever since|when) (?:[\w'’./-]+ ){{0,7}}?{_EVENT}\b(?:[^.;!?\n]|\.(?=\d)){{0,80}}"
    rf"|\b(?:we|i|they|our (?:team|it|security team|devs?|platform team)|it|security)(?:['’]ve| have"
    rf"| had)? (?:just |also |recently |only )?(?:[\w-]+ly )?{_EVENT}\b(?:[^.;!?\n]|\.(?=\d)){{0,80}})",
    re.IGNORECASE,
)
_NOT_A_CHANGE = re.compile(
    r"\b(?:nothing|no(?:t|body)?|never|didn['’]t|haven['’]t|hasn['’]t|without|when (?:we|i|you|they) (?:change"
    r"|update|add|remove|move|push)\b|would|will|should|can|could|want|try)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:nothing (?:has |was )?changed?|no changes?|(?:we )?(?:haven['’]t|have not|did not"
    r"|didn['’]t) changed? anything)\b(?:[^.;!?\n]|\.(?=\d)){0,60}",
    re.IGNORECASE,
)

_WHO = (
    r"(?:users?|customers?|clients?|tenants?|accounts?|employees|people|colleagues|calls|requests|orders"
    r"|traffic|regions?|servers?|pods?|instances?|hosts?|merchants|agents|devices|webhooks?|deliveries|logins?"
    r"|sign-?ins|environments?)"
)
_EXTENT = re.compile(
    rf"(?P<said>(?<!too )\b(?:all|every|each|none|most|half|some|many|a few|several|the majority|any)(?: of)?(?: our"
    rf"| the| their| these| other)? (?:[\w-]+ )?{_WHO}\b(?:[^.;,!?\n]|\.(?=\d)){{0,50}}"
    rf"|\b(?:everyone|everybody|nobody|no one)\b(?:[^.;,!?\n]|\.(?=\d)){{0,50}}"
    rf"|\b\d{{1,3}}(?:\.\d{{1,2}})? ?(?:%|percent|per cent)(?: of)?(?: our| the"
    rf"| all)? (?:[\w-]+ )?{_WHO}\b(?:[^.;,!?\n]|\.(?=\d)){{0,40}}"
    rf"|\b(?:only|just|solely|exclusively) (?:from|in|on|for|when|with|via|at|one|two|a|an|the|our|some|those"
    rf"|users|customers|this|that|eu|us|production|staging|sandbox)\b(?:[^.;,!?\n]|\.(?=\d)){{0,60}}"
    r"|\b(?:works?|worked|working|is ok|is okay|succeeds?) (?:just |perfectly |totally )?(?:fine|ok|okay"
    r"|well)?(?: ?)(?:from|on|in|with|for|locally|via|using|at|everywhere|elsewhere)\b(?:[^.;,!?\n]|\.(?=\d)){0,60}"
    rf"|\b(?:one|a single|single|two|three|\d{{1,5}}) (?:of (?:our|the) )?(?:[\w-]+ )?{_WHO}\b(?:[^.;,!?\n]"
    rf"|\.(?=\d)){{0,40}}"
    r"|\b(?:intermittent(?:ly)?|sporadic(?:ally)?|randomly|occasionally|sometimes|every time|always|each time"
    r"|consistently)\b(?:[^.;,!?\n]|\.(?=\d)){0,40}"
    r"|\b(?:other|another) (?:users?|customers?|servers?|machines?|regions?|keys?|networks?"
    r"|endpoints?)\b(?:[^.;,!?\n]|\.(?=\d)){0,50})",
    re.IGNORECASE,
)
_SINCE = re.compile(
    rf"(?P<said>\bsince (?:about |around |approximately |~ ?)?(?:{_DAY}|\d|{_MONTH}|the |our |we |v\d"
    rf"|version)(?:[^.;,!?\n]|\.(?=\d)){{0,70}}"
    rf"|\b(?:start(?:ed|ing|s)|began|begun|beginning|first (?:seen|noticed|happened|occurred|failed)|broke"
    rf"|stopped working)\b(?:[^.;!?\n]|\.(?=\d)){{0,25}}?(?:{_DAY}|\d{{1,2}}[:.]\d\d|\d{{4}}-\d\d|{_MONTH} \d"
    rf"|\d{{1,2}} {_MONTH}|after)(?:[^.;!?\n]|\.(?=\d)){{0,50}}"
    r"|\bfor (?:the (?:last|past) )?(?:\d{1,3}|an?|two|three|four|five|several|a few|a couple of) (?:minutes?"
    r"|hours?|days?|weeks?|months?)\b)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[$€£] ?\d[\d,.]*+\s?(?:k|m|bn)?\b", re.IGNORECASE)
_IMPACT = re.compile(
    r"\brevenue\b|\bcheck-?out\b|\blos(?:e|ing|t)\b.{0,40}\b(?:money|orders?|sales|customers?|bookings?|data|deals?)\b"
    r"|\b(?:cannot|can['’]t|can not|unable to|not able to|couldn['’]t|could not) (?:\w+ )?(?:pay|order|buy"
    r"|purchase|book|check out|sign in|sign up|log ?in|work|invoice|bill|onboard|ship|launch|go live|trade"
    r"|process (?:orders|payments))\b"
    r"|\b(?:launch|go-?live|release|roll-?out|onboarding|payroll|invoicing|billing|payouts?|payments?|orders?"
    r"|shipments?|bookings?|month[- ]end|quarter[- ]end|close)\b.{0,40}\b(?:block(?:ed|ing)|down|at risk"
    r"|delayed|stuck|fail(?:ing|s|ed)?|stopped|on hold|halted|late|lost|affected)\b"
    r"|\b(?:block(?:s|ed|ing)|delay(?:s|ed|ing)|stops?|halts?|threaten(?:s|ing)?) (?:our|the|us"
    r"|a) (?:\w+ ){0,3}?(?:launch|go-?live|release|roll-?out|onboarding|payroll|business|production|sales"
    r"|operations|work|team|demo|pilot|migration)\b"
    r"|\bproduction (?:is |has been |was )?(?:\w+ )?down\b|\b(?:outage|business[- ]critical"
    r"|mission[- ]critical|show-?stopper|sla breach|churn|escalat(?:e|ing) to (?:our|the) (?:ceo|cto|board))\b"
    r"|\b(?:patients?|passengers|students|drivers|shoppers|buyers|merchants|end[- ]users|employees|agents"
    r"|our customers) (?:are|is|were|have|cannot|can['’]t|see|complain|get)\b",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    r"\b(?:we|i|you)(?:['’]d)? (?:would )?(?:had )?expect(?:ed|s)?\b|\bexpected\b.{0,80}\b(?:but|got|actual"
    r"|instead)|\bexpected (?:behaviou?r|result|response|outcome)?\s*[:=]|\binstead (?:of|we|it|i)\b"
    r"|\b(?:was|were|is|are) supposed to\b|\bshould (?:have )?(?:be|been|return|returned|work|get|give|respond"
    r"|receive|see|show|contain|answer|accept|succeed)\b|\bused to (?:work|return|be|take|get|give)\b"
    r"|\b(?:normally|usually) (?:it|we|this|takes?|returns?|get|gets|works?)\b|\b(?:work(?:ed|s)|ran|was"
    r"|were) (?:fine|ok|okay|well|without (?:any )?(?:problems?|issues?)) (?:until|till|before|up to|yesterday"
    r"|last)\b|\brather than\b"
    r"|\bworks?,? (?:but )?(?:\w{1,12} ){1,3}(?:doesn['’]t|does not|fails?)\b"
    r"|\bbut (?:we|i) (?:get|got|see|saw|receive|received)\b",
    re.IGNORECASE,
)
_KEY_TAIL = re.compile(
    r"\b(?:key|token|secret|credential)s?\b[^.\n]{0,40}?\b(?:ends?|ending|last (?:four|4)(?: characters"
    r"| chars?| digits| letters)?)\b(?: (?:in|with|is|are"
    r"|of (?:the )?key))*\s{0,3}[:=]?\s{0,3}[\"'`“(…*.]{0,6}(?P<a>[A-Za-z0-9]{4})\b(?![A-Za-z0-9])"
    r"|\blast (?:four|4)(?: characters| chars?| digits| letters)?(?: (?:of (?:the|our|my) (?:api )?(?:key"
    r"|token)))?(?: (?:is|are))?\s{0,3}[:=]?\s{0,3}[\"'`“(…*.]{0,6}(?P<b>[A-Za-z0-9]{4})\b"
    r"|\[(?:api-key|token)…(?P<c>[A-Za-z0-9]{4})\]|\b(?:key|token)\b[^.\n]{0,20}?(?:\*{3,}|…|\.{2,3}|x{4,}"
    r"|•{3,})(?P<d>[A-Za-z0-9]{4})\b|\(?\bkey[:=]? (?P<e>(?=[a-z]{0,3}\d)[A-Za-z0-9]{4})\b(?=[).,;\s]|$)",
    re.IGNORECASE,
)
_COMMON_WORDS = frozenset(
    (
        "that",
        "this",
        "with",
        "from",
        "have",
        "when",
        "they",
        "were",
        "what",
        "your",
        "them",
        "then",
        "than",
        "only",
        "also",
    )
)
_EXACT = re.compile(
    r"\b(?:connection (?:was |is )?(?:refused|reset by peer|timed out|closed by (?:peer|remote host))"
    r"|econn(?:refused|reset|aborted)|etimedout|enotfound|eai_again|socket hang up|read timed out"
    r"|no such host|name or service not known|certificate (?:has expired|verify failed)"
    r"|self[- ]signed certificate|unable to get local issuer certificate|blocked by cors policy"
    r"|invalid_(?:grant|client|token|request|scope|signature|audience)|unauthorized_client|access_denied"
    r"|redirect_uri_mismatch|insufficient_scope|AADSTS\d{5,6}"
    r"|rate limit exceeded|too many requests|signature verification failed|no signatures found matching"
    r"|x509: [\w ]{5,80}|PKIX path building failed)\b[^\n.;]{0,80}",
    re.IGNORECASE,
)
_BARE_STATUS = re.compile(
    r"(?<![\w$€£.,/#+-])(?<!\bport )(?<!\bline )(?<!\bpage )(?<!\bover )(?<!\bthan )(?<!\babout )"
    r"(?P<status>40[1-9]|41[0-58]|42[2469]|50[1-4])(?![\w%€$]|[.,:/-]\d)"
    r"(?= ?(?:$|[.,;!?)…]| (?:since|in (?:the|peaks?|prod\w*|staging)|on (?:the|every|all|each"
    r"|any)|at \d|from|for (?:all"
    r"|every|each|the)|when|again|after|all|every|always|then|with|but|gateway|unauthori|forbidden|service)\b))",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")


def extent_in(text: str) -> tuple[str, ...]:
    """Whom it hits, and whom not."""
    return _said(_EXTENT, text)


def changes_in(text: str) -> tuple[str, ...]:
    """What changed before it began; that nothing did is said, too."""
    found = [said for said in _said(_CHANGED, text) if not _NOT_A_CHANGE.search(said)]
    nothing = _NOTHING.search(text)
    return (*found, *((nothing.group().strip(),) if nothing else ()))[:MOST_FOUND]


def since_in(text: str) -> str:
    """When it began, in the words of the text."""
    return next(iter(_said(_SINCE, text)), "")


def impact_in(text: str) -> str:
    """The sentence that tells what it costs the customer's business, and the one that names a sum."""
    found = (match for pattern in (_IMPACT, _MONEY) if (match := pattern.search(text)))
    return " ".join(dict.fromkeys(_sentence(text, match) for match in found))


def expected_in(text: str) -> str | None:
    """The sentence that tells what was expected in place of what came."""
    match = _EXPECTED.search(text)
    return _sentence(text, match) if match else None


def quoted_error_in(text: str) -> str | None:
    """An error message that is known word for word, wherever it stands."""
    match = _EXACT.search(text)
    return match.group().strip() if match else None


def key_tail_in(text: str) -> str | None:
    """The last four characters of a key; "ends with that" tells none."""
    for match in islice(_KEY_TAIL.finditer(text), MOST_FOUND):
        tail = next(group for group in match.groups() if group)
        if tail.lower() not in _COMMON_WORDS:
            return tail
    return None


def bare_statuses_in(text: str) -> tuple[int, ...]:
    """HTTP errors that are named by their number alone, as in "401 since today". Round numbers count other things."""
    return tuple(dict.fromkeys(int(match["status"]) for match in islice(_BARE_STATUS.finditer(text), MOST_FOUND)))


def _said(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = (
        " ".join(match["said"].split())[:LONGEST_QUOTE] for match in islice(pattern.finditer(text), 3 * MOST_FOUND)
    )
    return tuple(dict.fromkeys(found))[:MOST_FOUND]


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence around a match, on one line."""
    begins = [0, *(end.end() for end in _ends(text, max(match.start() - 400, 0), match.start()))]
    end = _SENTENCE_END.search(text, match.end(), min(match.end() + 400, len(text)))
    stop = end.end() if end else min(match.end() + 400, len(text))
    start = max(begins[-1], match.start() - 400)
    return " ".join(text[start:stop].split())[:300]


def _ends(text: str, start: int, stop: int) -> Iterator[re.Match[str]]:
    return _SENTENCE_END.finditer(text, start, stop)
