"""Words that tell of a change: a deploy, a release, a restart, a reload, a flag, a certificate."""

import re
from typing import Final

from tools.troubleshoot.facts.logs import MarkerKind

LONGEST_READ = 300

_WORDS: Final[tuple[tuple[MarkerKind, str], ...]] = (
    (
        "feature_flag",
        r"feature[ _-]?(?:flag|toggle|gate)s?\b|\bflag\b[^\n]{0,60}\b(?:enabled|disabled|turned o(?:n|ff)|switched)",
    ),
    (
        "certificate",
        r"\b(?:certificates?|certs?|signing keys?|jwks|keys)\b[^\n]{0,40}"
        r"\b(?:rotated|renewed|reissued|replaced|installed|reloaded)"
        r"|\b(?:rotat|renew)(?:ed|ing|ion)\b[^\n]{0,40}\b(?:certificates?|certs?|signing keys?)\b",
    ),
    (
        "deploy",
        r"\bdeploy(?:ed|ing|ment)?\b[^\n]{0,60}"
        r"\b(?:finished|completed?|succeeded|started|starting|done|live|version|of)\b"
        r"|\bdeploy(?:ed|ing)\b|\broll(?:ed|ing)?[ -]?(?:out|back)\b|\brollout\b|\brollback\b"
        r"|\bscaled (?:up|down) replica",
    ),
    (
        "release",
        r"\breleas(?:ed|ing) v?[\d<]|\brelease v?[\d<][^\n]{0,40}\b(?:live|is out|published|started)"
        r"|\b(?:running|upgraded to|updated to|new) (?:version|release|build)\b",
    ),
    (
        "configuration",
        r"\bconfig(?:uration)?s?\b[^\n]{0,40}\b(?:reload(?:ed|ing)|changed|updated|applied)"
        r"|\breload(?:ed|ing)\b[^\n]{0,40}\bconfig|\breconfigured\b|\b(?:migration|migrations)\b[^\n]{0,40}\b(?:applied|finished|ran)\b",
    ),
    (
        "restart",
        r"\brestart(?:ed|ing)\b|\bshutting down\b|\b(?:SIGTERM|SIGKILL|OOMKilled)\b"
        r"|\b(?:server|service|application|app|process|worker)\b[^\n]{0,30}"
        r"\b(?:started|starting up|is starting|booted)\b"
        r"|\bstarting (?:server|service|application|worker)\b|\blistening on\b|\bstarted [A-Z]\w{1,60}Application\b",
    ),
    (
        "incident",
        r"\bincident\b[^\n]{0,60}\b(?:opened|declared|started|resolved|closed)"
        r"|\bfail(?:ed)?[ -]?over\b[^\n]{0,60}\bto\b",
    ),
)
_DENIED = re.compile(r"\b(?:no|not|without|skipp(?:ed|ing)|would|cannot|can't)\b[^\n]{0,20}$", re.IGNORECASE)
_MARKS: Final = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)


def change_in(message: str) -> MarkerKind | None:
    """What change a message tells of; None where it tells of none, or denies it."""
    text = message[:LONGEST_READ]
    for kind, words in _MARKS:
        match = words.search(text)
        if match and not _DENIED.search(text, 0, match.start()):
            return kind
    return None
