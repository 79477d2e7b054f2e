"""Tells log lines from prose, and finds log excerpts and attached files in a text."""

import re

MOST_LINES = 60
"""Log lines that are quoted of an excerpt."""

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC)"
_LOG_LINE = re.compile(
    rf"""\s{{0,40}}(?:
        [\[(]?\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d\S{{0,24}}\s.{{0,80}}?(?:\b{_LEVEL}\b|\[|\w=|Exception)
      | \[?\d\d:\d\d:\d\d\S{{0,12}}\s.{{0,40}}?\b{_LEVEL}\b
      | [A-Z][a-z]{{2}}\s{{1,2}}\d{{1,2}}\s\d\d:\d\d:\d\d\s
      | \[?{_LEVEL}\]?\s(?=\S)
      | (?:ts|level|lvl)=\S
      | \{{"(?:time|ts|level|msg|message|timestamp|severity|@timestamp)"
      | Traceback\ \(most\ recent
      | File\ "[^"\n]{{1,300}}",\ line\ \d
      | at\ [\w.$<>]{{1,200}}\(
      | Caused\ by:
    )""",
    re.VERBOSE,
)
_FILE = re.compile(
    r"(?<![\w./@-])[\w-]{1,80}+(?:\.[\w-]{1,40})?\.(?:log|txt|har|json|gz|zip|tgz|csv|pcap|out)\b(?!\()", re.IGNORECASE
)
_ATTACHED = re.compile(r"\b(?:attach(?:ed|ment|ments|ing)?|enclosed|uploaded|logs?|har)\b", re.IGNORECASE)
_FILE_REACH = 80


def is_log_line(line: str) -> bool:
    """Whether the line looks like a line of a log or a stack trace."""
    return _LOG_LINE.match(line) is not None


def log_excerpt(text: str) -> str | None:
    """The log lines in the text, in order; None where there are none."""
    lines = [line for line in text.split("\n") if is_log_line(line)]
    if not lines:
        return None
    left_out = len(lines) - MOST_LINES
    return "\n".join(lines[:MOST_LINES] + ([f"({left_out} more lines)"] if left_out > 0 else []))


def attached_files(text: str) -> tuple[str, ...]:
    """Names of files that the text says are attached, or calls logs."""
    found: dict[str, None] = {}
    for match in _FILE.finditer(text):
        around = text[max(match.start() - _FILE_REACH, 0) : match.end() + _FILE_REACH]
        if _ATTACHED.search(around.replace(match.group(), " ")):
            found[match.group()] = None
        if len(found) >= MOST_LINES:
            break
    return tuple(found)
