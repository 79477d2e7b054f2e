"""`/help`: every command with its subcommands, and the words in which free text asks for the same."""

import pytest

from app.agent import help_page
from app.domain.problems import Problem
from app.domain.syntax.shape import shape_of
from app.render.text import to_text
from app.runtime import discover_commands

COMMANDS = discover_commands()
WIDE = 300


def shown(message: str) -> str:
    return to_text(help_page.blocks(message, COMMANDS), (), WIDE)


def test_every_command_is_shown_with_its_examples_and_subcommands() -> None:
    page = shown("/help")
    for command in COMMANDS.values():
        assert command.summary in page
        assert all(example in page for example in command.examples)
        assert all(action in page for action in shape_of(command).actions.values())


def test_who_asks_to_write_is_shown_what_writes() -> None:
    page = to_text(help_page.only_typed(COMMANDS), (), WIDE)
    assert "/health acme log Call with Maria" in page
    assert "/feedback add" in page
    assert "/escalate update" in page
    assert "/health acme brief" not in page
    assert "undo" in page


def test_undo_is_named() -> None:
    assert "undo takes back what was just written" in shown("/help")


@pytest.mark.parametrize(
    ("example", "beside"),
    [
        ("/health acme", "How is acme doing?"),
        ("/health", "Which accounts are at risk?"),
        ("/health acme brief", "Prepare me for my call with acme."),
        ("/health acme log Call with Maria yesterday, we will send the SSO doc by Friday", help_page.ONLY_TYPED),
        ("/health tier=red renewal=90", ""),
    ],
)
def test_beside_an_example_stands_what_it_answers(example: str, beside: str) -> None:
    lines = [line.partition(example)[2].strip() for line in shown("/help").splitlines() if line.startswith(example)]
    assert beside in lines


def test_one_command_has_its_options_and_what_has_no_example() -> None:
    page = shown("/help escalate")
    assert "further subcommands: check, resolve, reopen, close, similar" in page
    assert all(field in page for field in COMMANDS["escalate"].args.model_fields)
    assert "/feedback" not in page


def test_an_unknown_command_is_told() -> None:
    with pytest.raises(Problem, match="no command"):
        help_page.blocks("/help nothing", COMMANDS)
