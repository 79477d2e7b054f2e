"""No secret reaches the log: not those of the settings, nor what looks like one."""

import logging

from app.channels.logs import MaskingFormatter


def shown(message: str, *args: object, error: BaseException | None = None) -> str:
    formatter = MaskingFormatter(("canary-one", "canary-one-and-more", "short"))
    record = logging.LogRecord("app.x", logging.ERROR, __file__, 1, message, args, None)
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    return formatter.format(record)


def test_secrets_of_the_settings_are_masked_wherever_they_stand() -> None:
    assert shown("a %s b", "xcanary-onex").endswith("ERROR app.x: a x[secret]x b")
    assert shown("canary-one-and-more").endswith(": [secret]")
    assert "short" in shown("in short")


def test_what_looks_like_a_secret_is_masked() -> None:
    assert "hunter22" not in shown("could not connect to postgresql://u:hunter22@db/cse")
    assert "abcdef123456" not in shown("Authorization: Bearer %s", "abcdef123456")


def test_tracebacks_are_masked() -> None:
    try:
        raise RuntimeError("the key is canary-one")
    except RuntimeError as error:
        text = shown("failed", error=error)
    assert "RuntimeError: the key is [secret]" in text
    assert "canary" not in text
