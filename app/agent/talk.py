"""What is said to the model: who it is, what the turn knows so far, what was said before, and the question.

The system's message holds our own prompts and nothing else. Everything that somebody wrote, or that an answer quotes,
the turns before among it, is data.
"""

from collections.abc import Iterable, Sequence

from app.agent import model_tools
from app.agent.state import TurnContext
from app.agent.untrusted import seen_by_model
from app.domain.blocks import Citation
from app.domain.directory import AccountName
from app.domain.llm import Message, Tool
from app.prompts import PERSONA
from app.resources import turns
from app.resources.commands import Executed

TURNS_REMEMBERED = 6
MOST_REMEMBERED_CHARACTERS = 2_000
"""Of each message and answer of the turns before."""

MOST_QUESTION_CHARACTERS = 24_000


async def of_question(
    ctx: TurnContext, message: str, passages: Sequence[Citation], account: AccountName | None, tools: Iterable[Tool]
) -> tuple[Message, ...]:
    """The talk that begins the answer to free text: persona and commands, the turns before, data, the question.

    What is written for a customer is written without what colleagues said before.
    """
    before = await turns.recent(ctx.runtime, ctx.thread_id, TURNS_REMEMBERED) if ctx.audience == "internal" else []
    context = {
        "today": ctx.runtime.today().isoformat(),
        "as_of": ctx.as_of.isoformat() if ctx.as_of else "the newest day of data",
        "audience": ctx.audience,
        "account_in_talk": {"id": account.id, "name": account.name} if account else None,
        "passages": [
            {"cite": f"[[passage.{number}]]", "title": p.title, "heading": p.heading, "text": p.text}
            for number, p in enumerate(passages, start=1)
        ],
        "said_before": [
            {"asked": _remembered(asked), "answered": _remembered(answer.text)} for asked, answer in before
        ],
    }
    question = f"Question:\n{seen_by_model(message)[:MOST_QUESTION_CHARACTERS]}"
    return (_system(ctx, [tool.name for tool in tools]), Message("user", question, data=context))


def of_report(ctx: TurnContext, executed: Executed) -> tuple[Message, ...]:
    """The talk that asks for a command's answer in words."""
    task = "Put this answer into words for the reader: three to six sentences. Add nothing that is not in it."
    return (
        _system(ctx, [executed.invocation.command]),
        Message("user", task, data=model_tools.report(executed)),
    )


def _system(ctx: TurnContext, commands: Iterable[str]) -> Message:
    prompts = ctx.runtime.prompts
    return Message("system", "\n\n".join(prompts[name].text for name in (PERSONA, *commands)))


def _remembered(said: str) -> str:
    return seen_by_model(said)[:MOST_REMEMBERED_CHARACTERS]
