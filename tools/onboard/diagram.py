"""A reference architecture as a Mermaid flowchart, with the customer's systems in it. Their names are data there."""

from collections.abc import Mapping, Sequence

from app.domain.characters import visible
from tools.onboard.parameters import Architecture

LONGEST_LABEL = 60
_ESCAPED = {
    "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "`": "#96;", "|": "#124;", "\\": "#92;",
    "[": "#91;", "]": "#93;", "{": "#123;", "}": "#125;", "(": "#40;", ")": "#41;", ";": "#59;", "%": "#37;",
    "*": "#42;", "_": "#95;", "~": "#126;", "@": "#64;", ":": "#58;", "/": "#47;",
}  # fmt: skip
"""What could end a label, begin Markdown, a link or a directive, as Mermaid's entity codes."""


def mermaid(architecture: Architecture, names: Mapping[str, str]) -> str:
    """The flowchart; `{name}` in a node's label is filled from `names`, which are told as they are, escaped."""
    lines = ["flowchart LR"]
    lines += [f'    {node}["{escaped(_filled(label, names))}"]' for node, label in architecture.nodes.items()]
    lines += [f'    {start} -->|"{escaped(label)}"| {end}' for start, end, label in architecture.edges]
    return "\n".join(lines)


def escaped(label: str) -> str:
    """A label that cannot end itself or mean anything: on one line, short, its special characters as entity codes."""
    plain = " ".join(visible(label).split())
    if len(plain) > LONGEST_LABEL:
        plain = f"{plain[: LONGEST_LABEL - 1]}…"
    return "".join(_ESCAPED.get(character, character) for character in plain)


def _filled(label: str, names: Mapping[str, str]) -> str:
    """The label of the parameters with its one place filled; a name that holds braces is no place."""
    for name, value in names.items():
        place = f"{{{name}}}"
        if place in label:
            return label.replace(place, value)
    return label


def chosen(architectures: Sequence[Architecture], usage_model: str) -> Architecture:
    """The first architecture for a usage model; the parameters have one for each."""
    return next(each for each in architectures if usage_model in each.models)
