"""Reads pasted code: handlers that verify a webhook over a body that is no longer as sent, and calls of an API."""

import re
from collections.abc import Iterator, Sequence

from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.facts.http import WebhookDelivery
from tools.troubleshoot.reading.bodies import begins_json
from tools.troubleshoot.reading.cleaning import BOUNDARY
from tools.troubleshoot.reading.code_calls import calls_in
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.webhooks import tolerance_in

MOST_BLOCKS = 40
LONGEST_BLOCK = 30_000
"""Characters of a block that are looked at."""

LEAST_LINES = 2
MOST_GAP = 2
LEAST_SHARE = 0.5

_CODE_LINE = re.compile(
    r"\s*(?:"
    r"(?:from [\w.]{1,80} )?import [\w*{(\"'@.].{0,300}|(?:const|let|var|def|class|function|async|await|return"
    r"|public|private|protected"
    r"|func|package|export|using|try|catch|except|elif|else|finally|raise|throw|with|require|defer|namespace"
    r"|foreach)\b.{0,300}[({:;=)\]'\"\w]$"
    r"|@[A-Za-z]\w{1,40}.{0,400}|(?:if|for|while|switch)\b.{1,300}[:{)]$"
    r"|[A-Za-z_$][\w$.\[\]'\"]{0,80} ?(?::?=|\+=) ?\S.{0,400}|[A-Za-z_$][\w$.]{0,80}\(.{0,400}"
    r"|\.[A-Za-z_]\w{0,40}\(.{0,300}"
    r"|[})\]]{1,6}[;,)]{0,3}(?:\s.{0,100})?|.{0,400}[;{]|//.{0,300}|#(?!#).{0,300}|\"?[\w-]{1,60}\"?:\s.{0,300},"
    r")\s*"
)
_LABELLED = re.compile(r"[ \t]*[A-Za-z][\w ]{0,40}[:=][ \t]*[\[{][ \t]*[\"'}\]]?")
_SURE = re.compile(
    r"\bdef \w+\(|\bfunction\b.{0,60}\(|\bfetch\(|\) ?=>|\b(?:const|let|var) \w+ ?="
    r"|^\s*(?:import [\w.]+[\s;]*$|import [\w*{].* from |from [\w.]+ import\b)"
    r"|require\(|\bfunc \w+\("
    r"|\bapp\.(?:post|use|route|get)\(|@(?:app|router)\.|@(?:Post|Request|Get)\w*|\bpublic \w"
    r"|^\s*\w[\w.]{0,60}\([^)\n]{0,300}\);?$"
    r"|\b\w+(?:\.\w+){1,4}\(",
    re.MULTILINE,
)
_VERIFIES = re.compile(
    r"hmac|constructEvent|construct_event|verify(?:_?signature|_?header|Signature|Webhook|_?webhook)?\(|compare_digest"
    r"|timingSafeEqual|\bsignature\b|Webhook\(|computeSignature|HmacSHA256|hash_equals|secure_compare",
    re.IGNORECASE,
)
_WRITTEN_ANEW = re.compile(
    r"JSON\.stringify\(\s*(?:req(?:uest)?\.body|body|payload|event|data|ctx\.request\.body)\b"
    r"|json\.dumps\(\s*(?:(?:await )?(?:request|req)\.(?:json|get_json|data|body)\b|(?:payload|body|data|event"
    r"|parsed)\b)"
    r"|json_encode\(\s*\$(?:request->|payload|data|body|event)|(?:params|payload|body|event|data)\.to_json\b"
    r"|JSON\.generate\(|json\.Marshal\(|(?:objectMapper|mapper|gson|JsonSerializer)\.(?:writeValueAsString"
    r"|toJson|Serialize)\("
)
_PARSED = re.compile(
    r"express\.json\(|bodyParser\.json\(|\b(?:request|req)\.get_json\(|\brequest\.json\b(?!\()"
    r"|await (?:request|req)\.json\("
    r"|@RequestBody\s+(?:final )?(?!String\b|byte)[A-Z]\w*(?:<[^>\n]{0,80}>)?|json\.NewDecoder\(r\.Body\)"
    r"|\$request->(?:all|json|input)\("
    r"|request\.POST\b|params\[:|\[FromBody\]\s+(?!string\b)\w+"
)
_RAW = re.compile(
    r"express\.raw\(|bodyParser\.raw\(|rawBody|raw_body|verify:\s*\(|get_data\(|request\.data\b"
    r"|request\.body\(\)|\.body\.read\(|"
    r"(?:req|request)\.text\(|raw_post|io\.ReadAll\(|ioutil\.ReadAll\(|getContentAsByteArray|php://input"
    r"|getContent\(\)|EnableBuffering"
    r"|await request\.body\b|\brequest\.body\b(?!\s*[.\[])(?=[,)]).{0,80}sig|StreamReader\(|readBody|buffer\(req"
)


def find_code(text: str) -> tuple[Piece, ...]:
    """The blocks of code; those of which nothing is to be said, too, so that they are not read as prose."""
    return tuple(_pieces(text.split("\n")))


def handler_in(code: str) -> WebhookDelivery | None:
    """What a handler does to the body before it verifies the signature; None where it verifies none, or leaves it."""
    if not _VERIFIES.search(code):
        return None
    match = _WRITTEN_ANEW.search(code) or (None if _RAW.search(code) else _PARSED.search(code))
    tolerance = tolerance_in(code)
    if match is None and tolerance is None:
        return None
    line = code.count("\n", 0, match.start()) + 1 if match else 1
    return WebhookDelivery(
        line=line,
        parsed_first=match is not None,
        parsed_first_text=code.split("\n")[line - 1].strip()[:300] if match else "",
        tolerance_seconds=tolerance,
    )


def _pieces(lines: Sequence[str]) -> Iterator[Piece]:
    count = 0
    for first, end in _blocks(lines):
        code = "\n".join(lines[first:end])[:LONGEST_BLOCK]
        if begins_json(lines[first]) or _LABELLED.match(lines[first]) or not _SURE.search(code):
            continue
        handler = handler_in(code)
        calls: tuple[Fact, ...] = calls_in(code)
        yield Piece("code", first + 1, end, (*((handler,) if handler else ()), *calls))
        count += 1
        if count >= MOST_BLOCKS:
            return


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs [first, end) of lines, from one of code to one of code, at least half of them code."""
    first, last, code, gap = -1, -1, 0, 0
    for place in range(len(lines) + 1):
        line = lines[place] if place < len(lines) else BOUNDARY
        if line != BOUNDARY and _is_code(line):
            first = place if first < 0 else first
            last, code, gap = place, code + 1, 0
            continue
        gap += 1
        indented = line.startswith(("  ", "\t")) and bool(line.strip())
        if first >= 0 and line != BOUNDARY and (gap <= MOST_GAP or indented) and (not line.strip() or indented):
            continue
        if first >= 0 and code >= LEAST_LINES and code >= LEAST_SHARE * (last + 1 - first):
            yield first, last + 1
        elif first >= 0 and code == 1 and calls_in(lines[first]):
            yield first, first + 1
        first, code, gap = -1, 0, 0


def _is_code(line: str) -> bool:
    return bool(line.strip()) and len(line) <= 1_000 and _CODE_LINE.fullmatch(line) is not None
