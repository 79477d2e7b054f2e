"""Levels of logs, brought to six names."""

from typing import Final

_NAMES: Final = {
    "trace": ("trace", "finest", "finer", "silly", "verbose", "v"),
    "debug": ("debug", "dbg", "fine", "d"),
    "info": ("info", "information", "informational", "notice", "config", "default", "log", "i", "n"),
    "warn": ("warn", "warning", "wrn", "w"),
    "error": ("error", "err", "eror", "severe", "e"),
    "fatal": ("fatal", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "f", "c"),
}
LEVELS: Final = {name: level for level, names in _NAMES.items() for name in names}
"""Every name of a level, in lower case, and the level it stands for."""

_SYSLOG: Final = ("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug")
"""Severities 0 to 7 (RFC 5424 §6.2.1)."""

_PINO: Final = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}


def level_of(word: str) -> str:
    """The level that a word names; empty where it names none."""
    return LEVELS.get(word) or LEVELS.get(word.lower(), "")


def level_of_number(number: int) -> str:
    """The level of a number: of pino and bunyan from 10, of syslog from 0 to 7; empty where it is neither."""
    if number in _PINO:
        return _PINO[number]
    return _SYSLOG[number] if 0 <= number <= 7 else ""


def level_of_priority(priority: int) -> str:
    """The level of syslog's priority, which is facility × 8 + severity."""
    return _SYSLOG[priority & 7]
