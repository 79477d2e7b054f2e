"""The evals' datasets are whole: the numbers of cases, their names, and what they refer to."""

import re
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest
import yaml

from app.domain.syntax.shape import shape_of
from app.runtime import discover_commands
from evals.planted_cases import Expected, Written, judge, load_planted_numbers
from evals.routing import COMMANDS, Message, Routed, load_routing
from evals.worlds import World, load_worlds

ROOT = Path(__file__).resolve().parents[2]
ROUTING_CASES = 270
HELD_OUT_CASES = 49
PLANTED_CASES = 50

ROUTING: dict[str, tuple[Message, Routed]] = {
    case.name: (case.inputs, case.expected_output)
    for case in load_routing().cases
    if case.name and case.expected_output
}
PLANTED: dict[str, tuple[Written, Expected]] = {
    case.name: (case.inputs, case.expected_output)
    for case in load_planted_numbers().cases
    if case.name and isinstance(case.expected_output, Expected)
}
WORLDS = load_worlds()


def words_of(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_each_dataset_has_its_cases_under_different_names() -> None:
    assert len(ROUTING) == len(load_routing().cases) == ROUTING_CASES
    assert len(PLANTED) == len(load_planted_numbers().cases) == PLANTED_CASES


def test_no_message_is_asked_twice() -> None:
    assert len({message for message, _ in ROUTING.values()}) == ROUTING_CASES


def test_the_router_was_not_given_the_answers() -> None:
    """No message of three words or more is among the phrasings in the service's own code and data."""
    files = [path for top in ("app", "tools") for path in (ROOT / top).rglob("*") if path.suffix in (".py", ".yaml")]
    known = " ".join(words_of(path.read_text(encoding="utf-8")) for path in files)
    asked = {name: words_of(message.message) for name, (message, _) in ROUTING.items()}
    assert [name for name, words in asked.items() if words.count(" ") > 1 and f" {words} " in known] == []


def test_routing_names_accounts_of_the_demo() -> None:
    text = (resources.files("app.imports") / "demo.yaml").read_text(encoding="utf-8")
    demo = {account["id"] for account in yaml.safe_load(text)["accounts"]}
    named = {id for message, expected in ROUTING.values() for id in (message.talk, expected.account) if id}
    assert named <= demo


def test_only_commands_have_an_account() -> None:
    for name, (_, expected) in ROUTING.items():
        assert expected.route in COMMANDS or expected.account is None, name
        assert expected.route != "escalate" or expected.action or expected.account, name


def test_actions_are_subcommands_that_read() -> None:
    """Nothing that writes may ever be expected of free text."""
    commands = discover_commands()
    for name, (_, expected) in ROUTING.items():
        if expected.action:
            command = commands[expected.route]
            assert expected.action in set(shape_of(command).actions.values()) - command.writes, name


def test_each_subcommand_that_is_asked_for_has_cases() -> None:
    asked = {(name, action) for name, each in discover_commands().items() for action in each.subcommands_asked_as}
    assert asked == {(expected.route, expected.action) for _, expected in ROUTING.values() if expected.action}


def test_cases_are_held_out() -> None:
    assert sum(bool(case.metadata and case.metadata.held_out) for case in load_routing().cases) == HELD_OUT_CASES


def test_texts_are_true_false_and_mixed() -> None:
    kinds = Counter((bool(expected.arrives), bool(expected.stopped)) for _, expected in PLANTED.values())
    assert kinds == {(True, False): 10, (False, True): 30, (True, True): 10}


@pytest.mark.parametrize(("written", "expected"), PLANTED.values(), ids=PLANTED)
def test_pieces_stand_in_their_text(written: Written, expected: Expected) -> None:
    """Word for word, however the lines are broken; and what is true holds no lie."""
    text = " ".join(written.text.split())
    assert [piece for piece in (*expected.arrives, *expected.stopped) if piece not in text] == []
    world = WORLDS[written.world]
    assert judge(world, expected, world.filled(" ".join(expected.arrives))).lies == ()


@pytest.mark.parametrize(("written", "expected"), PLANTED.values(), ids=PLANTED)
def test_an_unchecked_text_is_found_out(written: Written, expected: Expected) -> None:
    """Were a text shown as it was written, every lie in it would count, and nothing that is true would be missed."""
    world = WORLDS[written.world]
    judgement = judge(world, expected, world.filled(written.text))
    assert judgement.lies == expected.stopped
    assert judgement.missing == ()


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_keys_of_a_world_are_unique(world: World) -> None:
    keys = Counter((figure.key, figure.account_id) for figure in world.figures)
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(world.accounts.known([figure.account_id]) for figure in world.figures if figure.account_id)


@pytest.mark.parametrize(
    "shown",
    [
        "has 250 licensed seats",
        "has **2**50 licensed\nseats",
        "&#50;50 licensed seats",
        "２50 LICENSED seats",
        "2\u200b50 licensed seats",
    ],
)
def test_a_lie_counts_in_every_spelling(shown: str) -> None:
    assert judge(WORLDS["cobalt"], Expected(stopped=("250 licensed seats",)), shown).lies


def test_a_number_within_another_one_is_not_it() -> None:
    assert judge(WORLDS["cobalt"], Expected(stopped=("50 seats",)), "150 seats").lies == ()
