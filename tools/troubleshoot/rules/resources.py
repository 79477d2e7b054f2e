"""The rule of resources that a process has used up: memory, open files, disk, threads."""

import re

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.programs import MetricsSummary
from tools.troubleshoot.rules.receivers import SIDE_OF, receiver_of, tells_of_deliveries
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, first_said
from tools.troubleshoot.rules.vantage import written_by

_WORDS = {
    "threads": re.compile(r"unable to create (?:new )?native thread|can't start new thread", re.IGNORECASE),
    "memory": re.compile(
        r"OutOfMemoryError|\bMemoryError\b|heap out of memory|(?:fatal error|runtime|cgroup).{0,20}out of memory"
        r"|OOM[- ]?Killed|oom-kill|Cannot allocate memory|\bENOMEM\b"
        r"|exit(?:ed with)? (?:code|status):? 137\b|GC overhead limit|out of memory: killed process"
        r"|Runtime exited with error: signal: killed",
        re.IGNORECASE,
    ),
    "open files": re.compile(r"\bEMFILE\b|\bENFILE\b|too many open files", re.IGNORECASE),
    "disk": re.compile(r"\bENOSPC\b|no space left on device|disk (?:is )?full\b|disk quota exceeded", re.IGNORECASE),
}
"""A thread that cannot be made is an OutOfMemoryError in Java too: threads come first."""

_PRINTED = re.compile(
    r"\[?Errno|FATAL ERROR|OOMKilled.{0,40}Exit Code|Killed process \d|java\.lang\.|\bE(?:MFILE|NOSPC|NOMEM)\b"
)
"""What programs and systems print, as against what people say of them."""

_WHOSE: dict[Side, str] = {
    "customer": "your process",
    "product": "our service",
    "external": "the third party's service",
    "undecided": "the process",
}


def resources_exhausted(case: Case) -> Finding | None:
    """Something says that memory, open files, disk or threads have run out; or metrics show it, which beat mere words.

    The words prove that it ran out, and in a program's own trace that it failed by it; elsewhere that takes a look.
    """
    for what, pattern in _WORDS.items():
        said = first_said(case, pattern)
        if said is not None:
            found = _finding(what, said.clue, _certainty(said), _side(case, said))
            return (_open_files(case) or found) if found.certainty == "possible" else found
    return _open_files(case)


def _certainty(said: Quote) -> Certainty:
    if said.source == "person":
        return "likely" if _PRINTED.search(said.line) else "possible"
    return "known" if said.source == "client" else "likely"


def _side(case: Case, said: Quote) -> Side:
    """An answer says it of its server, a client's words or trace of the program that printed them, which is theirs.
    A log says it of whoever wrote it; where webhooks are taken that is their receiver."""
    if said.saying.exchange is not None and said.source == "answer":
        return SIDE_OF[receiver_of(case, said.saying.exchange)]
    printed = said.source == "person" and _PRINTED.search(said.line)
    if said.source == "client" or printed:
        return "customer"
    if said.source == "person":
        return "undecided"
    return written_by(case, said.saying.place) or ("customer" if tells_of_deliveries(case) else "undecided")


def _open_files(case: Case) -> Finding | None:
    for metrics, place in case.facts(MetricsSummary):
        values = {sample.name: sample.value for sample in metrics.samples if not sample.labels}
        opened, most = values.get("process_open_fds"), values.get("process_max_fds")
        if opened is None or not most or opened < case.parameters.resources.full * most:
            continue
        used = case.figure("files.open", "Open files", opened, "count", "process_open_fds", place)
        limit = case.figure("files.most", "Open files at most", most, "count", "process_max_fds", place)
        clue = Clue(text("Of ", limit, " files that the process may open ", used, " are open"), place, (used, limit))
        return _finding("open files", clue, "likely", "undecided")
    return None


def _finding(what: str, clue: Clue, certainty: Certainty, side: Side) -> Finding:
    return Finding(
        certainty,
        text(f"A process has run out of {what}" if what != "disk" else "A disk is full"),
        (clue,),
        values={"what": "disk space" if what == "disk" else what, "whose": _WHOSE[side]},
        rank=5,
        rules_out=frozenset({"server_error", "code_error"}),
        side=side,
    )
