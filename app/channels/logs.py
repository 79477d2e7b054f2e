"""The log of a running service or command: one line a record to stderr, with no secret in it."""

import logging
import sys
from collections.abc import Iterable

from app.domain.redact import mask_secrets
from app.render.characters import visible
from app.settings import Settings

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
PLACEHOLDER = "[secret]"

LEAST_SECRET = 6
"""A shorter one is no secret, and would be masked within words."""


class MaskingFormatter(logging.Formatter):
    """Masks in each record, its traceback included, the deployment's own secrets and what looks like any other."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(FORMAT)
        self._secrets = sorted((s for s in secrets if len(s) >= LEAST_SECRET), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = visible(super().format(record))
        for secret in self._secrets:
            text = text.replace(secret, PLACEHOLDER)
        return mask_secrets(text)


def configure(settings: Settings) -> None:
    """Let every logger of this process write to stderr, masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter(settings.secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
