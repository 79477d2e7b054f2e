"""Free text with a model: tools, evidence, limits, and the answer without it whenever it fails."""

import json
import re
from typing import Any

import pytest

from app.agent.model_nodes import MOST_STEPS, MOST_TOOL_CALLS
from app.domain.events import Answer
from app.domain.llm import ModelFault
from app.domain.syntax.shape import shape_of
from tests.agent.scripted import Desk, OpenDesk, ScriptedLLM, call, limited_to

ACCOUNT = "cobalt-harbor"
QUESTION = "How is Cobalt Harbor Freight doing?"


def told(llm: ScriptedLLM, step: int = -1) -> list[dict[str, Any]]:
    """The tool results that the model was told by its last call."""
    return [message.data or {} for message in llm.heard[step][0] if message.role == "tool"]


def context_of(llm: ScriptedLLM) -> dict[str, Any]:
    return llm.heard[0][0][-1].data or {}


def kinds(answer: Answer) -> list[str]:
    return [block.type for block in answer.blocks]


def test_words_first_then_the_report_they_rest_on(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, llm = await desk.ask(
            QUESTION, call("health", account=ACCOUNT), "It is [[health.tier]], at [[health.score]] of 100. Call them."
        )
        assert kinds(answer)[:3] == ["verdict", "paragraph", "heading"]
        score = next(f for f in answer.figures if f.key == "health.score")
        assert answer.text.startswith(
            f"**It is red, at {score.shown} of 100.**\n\nCall them.\n\n## /health Cobalt Harbor"
        )
        assert score.evidence or score.formula
        assert (answer.account_id, answer.degraded) == (ACCOUNT, None)
        assert answer.as_of == score.as_of
        assert answer.usage == {"model_calls": 2, "tool_calls": 1, "input_tokens": 20, "output_tokens": 10}
        (result,) = told(llm)
        assert {"write": f"[[health.score@{ACCOUNT}]]", "label": "Health score"}.items() <= next(
            figure for figure in result["figures"] if figure["label"] == "Health score"
        ).items()

    at_the_desk(work)


def test_a_lie_does_not_arrive_and_the_turn_says_so(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(
            QUESTION,
            call("health", account=ACCOUNT),
            "It is [[health.tier]]. Its ARR is USD 9,999,999. It renews on 1 January 2031. NPS is [[arr]].",
        )
        assert "9,999,999" not in answer.text
        assert "2031" not in answer.text
        assert "**Warning:** 3 sentences of the model were left out" in answer.text

    at_the_desk(work)


@pytest.mark.parametrize(
    ("message", "said"),
    [(QUESTION, "Cobalt Harbor Freight: Red"), ("Delete Cobalt Harbor Freight", "Nothing is changed")],
)
def test_a_model_that_looks_nothing_up_is_not_taken_at_its_word(at_the_desk: OpenDesk, message: str, said: str) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(message, "All is well with them, and it is done.")
        assert said in answer.text
        assert "without looking anything up" in (answer.degraded or "")
        assert "it is done" not in answer.text

    at_the_desk(work)


def test_only_lies_give_the_answer_without_the_model(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(QUESTION, call("health", account=ACCOUNT), "Its ARR is USD 9,999,999.")
        assert answer.command == "health"
        assert answer.degraded == "Answered without the language model: nothing that it wrote could be verified."
        assert answer.degraded in answer.text
        assert "9,999,999" not in answer.text

    at_the_desk(work)


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ((ModelFault("rate_limited", "its server is busy"),), "its server is busy"),
        ((call("health", account=ACCOUNT), ModelFault("timeout", "it was slow")), "it was slow"),
        ((call("launch_rockets"),), "a tool that there is none of"),
        ((call("feedback"),), f"called tools more than {MOST_TOOL_CALLS} times"),
    ],
)
def test_any_fault_gives_the_answer_without_the_model(at_the_desk: OpenDesk, replies: Any, reason: str) -> None:
    async def work(desk: Desk) -> None:
        plain, _ = await desk.ask(QUESTION)
        answer, llm = await desk.ask(QUESTION, *replies)
        assert answer.degraded is not None
        assert reason in answer.degraded
        assert answer.blocks[: len(plain.blocks)] == plain.blocks
        assert answer.figures == plain.figures
        assert len(llm.heard) <= MOST_STEPS

    at_the_desk(work)


def test_the_steps_of_a_turn_are_counted(at_the_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.agent.model_nodes.MOST_TOOL_CALLS", 1000)

    async def work(desk: Desk) -> None:
        answer, llm = await desk.ask(QUESTION, call("feedback"))
        assert f"no answer in {MOST_STEPS} steps" in (answer.degraded or "")
        assert len(llm.heard) == MOST_STEPS

    at_the_desk(work)


def test_a_slow_model_leaves_time_for_the_answer_without_it(
    at_the_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.turn.MODEL_SECONDS", 0.05)

    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(QUESTION, 60.0)
        assert answer.command == "health"
        assert "took too long" in (answer.degraded or "")

    at_the_desk(work)


def test_what_cannot_be_run_is_told_to_the_model(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        calls = (
            *call("health", account="Cobolt Harbour Freight"),
            *call("health", account=ACCOUNT, tier="purple"),
            *call("health", account=ACCOUNT, as_of="soon"),
            *call("feedback", action="add", title="More", category="ux"),
        )
        answer, llm = await desk.ask(QUESTION, calls, "I could not find that out.")
        errors = [(result["error"], result["detail"]) for result in told(llm)]
        assert [code for code, _ in errors] == ["account_not_found", "invalid_arguments", "invalid_date", "forbidden"]
        assert ACCOUNT in errors[0][1]
        assert "/feedback" in errors[3][1]
        assert answer.effects == ()
        assert answer.text.startswith("**I could not find that out.**")

    at_the_desk(work)


def test_one_answer_is_about_one_day(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        today = desk.runtime.today()
        before = today.replace(day=1).isoformat()
        calls = (*call("health", account=ACCOUNT, as_of=before), *call("health", account="kestrel"))
        answer, llm = await desk.ask(QUESTION, calls, "The tier was [[health.tier]].")
        assert "error" not in told(llm)[0]
        assert told(llm)[1]["error"] == "invalid_arguments"
        assert answer.as_of is not None
        assert answer.as_of.isoformat() == before

    at_the_desk(work)


def test_tools_are_what_the_caller_may_read(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        _, llm = await desk.ask("hello", "Hello.")
        offered = {tool.name: tool.parameters for tool in llm.heard[0][1]}
        assert set(offered) == set(desk.runtime.commands)
        assert all("audience" not in schema["properties"] for schema in offered.values())
        _, llm = await desk.ask("hello", "Hello.", audience="customer")
        assert {tool.name for tool in llm.heard[0][1]} == set(offered)

    at_the_desk(work)


def test_no_subcommand_that_writes_is_offered(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        _, llm = await desk.ask("hello", "Hello.")
        offered = {tool.name: tool.parameters["properties"] for tool in llm.heard[0][1]}
        for name, command in desk.runtime.commands.items():
            action = offered[name].get("action", {})
            choices = [each for part in (action, *action.get("anyOf", ())) for each in part.get("enum", ())]
            assert set(choices) == set(shape_of(command).actions.values()) - command.writes, name
            assert set(command.subcommands_asked_as) <= set(choices), name
            said = json.dumps(offered[name])
            assert all(f'"{mark}":' not in said for mark in ("raw", "words", "about_account")), name
        assert "text" not in offered["health"]  # the note that only `log` takes
        assert offered["health"]["dates"]["description"].endswith("Only with action compare.")
        assert offered["escalate"]["issue"]["description"].endswith("Only with no action.")
        assert "brief, as in “" in offered["health"]["action"]["description"]

    at_the_desk(work)


def test_the_scope_of_the_caller_is_the_model_s(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        calls = (*call("health", account=ACCOUNT), *call("health"))
        answer, llm = await desk.ask("all of them?", calls, "That is all.", principal=limited_to("kestrel"))
        assert told(llm)[0]["error"] == "account_not_found"
        assert ACCOUNT not in json.dumps(told(llm)[1])
        assert "Cobalt" not in answer.text

    at_the_desk(work)


def test_account_and_turns_before_are_carried_over(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        first, _ = await desk.ask(f"/health {ACCOUNT}")
        answer, llm = await desk.ask(
            "And what is their ARR?",
            call("health", account=ACCOUNT),
            "Their ARR is [[arr]].",
            thread_id=first.thread_id,
        )
        assert context_of(llm)["account_in_talk"] == {"id": ACCOUNT, "name": "Cobalt Harbor Freight"}
        assert [message.role for message in llm.heard[0][0]] == ["system", "user"]
        (said,) = context_of(llm)["said_before"]
        assert said["asked"] == f"/health {ACCOUNT}"
        assert said["answered"].startswith("**Cobalt Harbor Freight")
        assert "ARR is USD" in answer.text

    at_the_desk(work)


def test_what_colleagues_said_is_not_told_to_write_for_a_customer(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        first, _ = await desk.ask(f"/health {ACCOUNT}")
        asked = {"thread_id": first.thread_id, "audience": "customer"}
        _, llm = await desk.ask("How do I verify a webhook signature?", "Over the raw body.", **asked)
        assert [message.role for message in llm.heard[0][0]] == ["system", "user"]
        assert context_of(llm)["account_in_talk"] is None
        assert "Cobalt" not in str(llm.heard[0][0][-1])

    at_the_desk(work)


def test_for_a_customer_the_model_gets_and_tells_what_is_the_customer_s(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, llm = await desk.ask(
            QUESTION,
            call("health", account=ACCOUNT),
            "You made [[usage.api_calls.28d]] calls. Marcus Bell looks into it. Kestrel Learning made more. "
            "Your churn level is high. Your score is [[health.score]]. Thank you.",
            audience="customer",
        )
        (result,) = told(llm)
        for ours in ("churn", "Marcus", "USD", "health.score", "esc-manifests"):
            assert ours not in json.dumps(result)
        calls = next(figure for figure in answer.figures if figure.key == "usage.api_calls.28d")
        assert answer.text.startswith(f"**You made {calls.shown} calls.**")
        assert "Thank you." in answer.text
        for ours in ("Marcus", "Kestrel", "churn", "Your score"):
            assert ours not in answer.model_dump_json()
        assert "names a colleague" in answer.text

    at_the_desk(work)


def test_a_model_s_wrong_call_is_told_no_names_for_a_customer(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        _, llm = await desk.ask(QUESTION, call("health", account="Kestrl"), "I do not know.", audience="customer")
        assert "Kestrel" not in json.dumps(told(llm))

    at_the_desk(work)


def test_passages_are_searched_first_and_cited(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, llm = await desk.ask(
            "How do I verify a webhook signature?", "Compute it over the raw body [[passage.1]]. See [[passage.99]]."
        )
        passage = context_of(llm)["passages"][0]
        assert [citation.title for citation in answer.citations] == [passage["title"]]
        assert "raw body \\[1]." in answer.text
        assert answer.command is None

    at_the_desk(work)


def test_the_prompts_are_the_persona_and_the_commands(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        _, llm = await desk.ask("hello", "Hello.")
        system = llm.heard[0][0][0]
        assert system.role == "system"
        assert all(prompt.text in system.text for prompt in desk.runtime.prompts.values())

    at_the_desk(work)


def test_a_command_in_words(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        plain, _ = await desk.ask(f"/health {ACCOUNT}")
        answer, llm = await desk.ask(
            f"/health {ACCOUNT}", "They lose users. ARR is [[arr]]. ARR is USD 1.", narrate=True
        )
        assert kinds(answer)[:3] == ["verdict", "paragraph", "notice"]
        assert answer.blocks[0] == plain.blocks[0]
        assert answer.blocks[3:] == plain.blocks[1:]
        assert "They lose users. ARR is USD 520,000." in answer.text
        assert llm.heard[0][1] == ()
        assert answer.usage["model_calls"] == 1
        assert (await desk.ask(f"/health {ACCOUNT}", "Not asked for."))[0].blocks == plain.blocks

    at_the_desk(work)


@pytest.mark.parametrize("replies", [(), (ModelFault("cut_off", "its answer was cut off"),), ("ARR is USD 1.",)])
def test_a_command_without_the_words_says_why(at_the_desk: OpenDesk, replies: Any) -> None:
    async def work(desk: Desk) -> None:
        plain, _ = await desk.ask(f"/health {ACCOUNT}")
        answer, _ = await desk.ask(f"/health {ACCOUNT}", *replies, narrate=True)
        assert answer.blocks[:-1] == plain.blocks
        assert (answer.degraded or "").startswith("Answered without the language model: ")

    at_the_desk(work)


def test_an_open_question_stays_open_beside_free_text(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        asked, _ = await desk.ask("/escalate")
        assert asked.question is not None
        answer, _ = await desk.ask("What does a SEV1 mean here?", "It is the worst.", thread_id=asked.thread_id)
        assert answer.text.startswith("**It is the worst.**")
        filled, _ = await desk.ask("account: kestrel\nissue: API returns 503", thread_id=asked.thread_id)
        assert filled.command == "escalate"

    at_the_desk(work)


def test_a_model_cannot_bring_markup(at_the_desk: OpenDesk) -> None:
    async def work(desk: Desk) -> None:
        answer, _ = await desk.ask(
            "hello", "<script>alert()</script> see [here](https://evil.example) ![x](https://evil.example/p.png)"
        )
        assert "\\<script>" in answer.text
        assert re.search(r"(?<!\\)\[|(?<!`)https://", answer.text) is None  # in code, which nothing links

    at_the_desk(work)
