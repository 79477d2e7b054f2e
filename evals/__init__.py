"""Evals: datasets of what people and models write, and the code that scores what the service makes of it."""

import os

from app.settings import TELEMETRY_OFF

os.environ.update({**TELEMETRY_OFF, "LOGFIRE_SEND_TO_LOGFIRE": "false", "LOGFIRE_IGNORE_NO_CONFIG": "1"})
