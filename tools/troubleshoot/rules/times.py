"""How times of a log are written in findings."""

import datetime as dt

from tools.troubleshoot.facts.logs import LogSummary


def minute(at: dt.datetime) -> str:
    """The time to the minute, in UTC."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def zone_note(log: LogSummary) -> str:
    """What is said of a log whose times name no zone."""
    return "" if log.zone_known else " (the log names no time zone: its times are taken as UTC)"
