"""/onboard samples: first call, retry with back-off, and webhook signature check; programs that the tests run."""

from importlib import resources
from typing import get_args

from app.domain.blocks import Block, Draft, DraftField, Heading, Verdict
from app.domain.command import Context, Report
from app.domain.figures import text
from tools.onboard.arguments import Language
from tools.onboard.data import SampleData, SamplesData

_FILES: dict[Language, tuple[str, str, str]] = {
    "python": ("first_call.py", "retry.py", "webhook.py"),
    "node": ("first_call.mjs", "retry.mjs", "webhook.mjs"),
    "java": ("FirstCall.java", "Retry.java", "Webhook.java"),
}
_NAMES: dict[Language, str] = {"python": "Python", "node": "Node.js", "java": "Java"}
_WHAT = ("First call", "Retry with back-off", "Webhook signature check")


def _read(name: str) -> str:
    return (resources.files("tools.onboard") / "samples" / name).read_text(encoding="utf-8")


SOURCES: dict[Language, tuple[str, ...]] = {
    language: tuple(_read(name) for name in names) for language, names in _FILES.items()
}
"""The programs, read once with the module: they are a part of it."""


def report(ctx: Context, language: Language | None) -> Report:
    """The samples of a language, or of all."""
    languages: tuple[Language, ...] = (language,) if language else get_args(Language)
    blocks: list[Block] = [_verdict(languages)]
    if len(languages) == 1:
        blocks.append(_draft(languages[0], ctx))
    else:
        for each in languages:
            blocks += [Heading(text=text(_NAMES[each]), folded=True), _draft(each, ctx)]
    samples = tuple(
        SampleData(language=each, file=name, source=source)
        for each in languages
        for name, source in zip(_FILES[each], SOURCES[each], strict=True)
    )
    return Report(SamplesData(samples=samples), tuple(blocks))


def _verdict(languages: tuple[Language, ...]) -> Verdict:
    named = ", ".join(_NAMES[each] for each in languages)
    lines = (
        text("First call; retry with back-off that honours Retry-After; signature check of webhooks on the raw body."),
        text("They need no package. EVENTS_API_URL, EVENTS_API_KEY and EVENTS_WEBHOOK_SECRET set them up."),
        text("Next step: let their developer run the first call in the sandbox while you are on the call."),
    )
    return Verdict(tone="good", headline=text(f"Code samples that run: {named}"), lines=lines)


def _draft(language: Language, ctx: Context) -> Draft:
    fields = tuple(
        DraftField(label=f"{what}: {name}", text=text(source), verbatim=True)
        for what, name, source in zip(_WHAT, _FILES[language], SOURCES[language], strict=True)
    )
    account_id = ctx.account.account.id if ctx.account else None
    return Draft(
        title=text(f"Samples in {_NAMES[language]}"), audience="customer", fields=fields, account_id=account_id
    )
