"""What a turn knows: what a model's text about it may state."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.domain.blocks import Citation
from app.domain.directory import AccountDirectory
from app.domain.figures import Figure

_TOKEN = re.compile(r"[^\s,;:()\[\]{}\"'“”‘’`<>|]+")


@dataclass(frozen=True)
class Material:
    """What the turn knows. `report` is the text of its tools' answers, `accounts` whom the caller may see.

    `account_id` is the account in talk: the one that a reference without an account means first.
    """

    figures: tuple[Figure, ...]
    passages: tuple[Citation, ...]
    accounts: AccountDirectory
    report: str
    account_id: str | None = None

    @cached_property
    def by_key(self) -> Mapping[str, list[Figure]]:
        found: dict[str, list[Figure]] = {}
        for figure in self.figures:
            found.setdefault(figure.key.casefold(), []).append(figure)
        return found

    @cached_property
    def account_ids(self) -> frozenset[str]:
        return frozenset(f.account_id for f in self.figures if f.account_id is not None)

    @cached_property
    def known_tokens(self) -> frozenset[str]:
        """Words of the tools' answers and of the passages, as names with digits are looked up in."""
        return frozenset(token for text in (*self._texts, *self.account_ids) for token in tokens(text))

    @cached_property
    def known_pairs(self) -> frozenset[tuple[str, str]]:
        """Words that stand side by side in them: "tier 2"."""
        return frozenset(pair for text in self._texts for pair in pairwise(tokens(text)))

    @cached_property
    def quotable(self) -> str:
        """The texts that may be quoted: of one account at most, so that no quotation is taken for another's."""
        return "" if len(self.account_ids) > 1 else as_quoted(" ".join(self._texts))

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """What figures that are of no account are of, by id and title in lower case, as "RICE of <a request>"."""
        found: dict[str, str] = {}
        for figure in self.figures:
            if subject := subject_of(figure):
                found |= {subject.casefold(): subject, figure.label.partition(" of ")[2].casefold(): subject}
        return found

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return (self.report, *(passage.text for passage in self.passages))

    def mentions(self, words: str) -> list[tuple[int, int, str]]:
        """Where accounts are named for certain, and which, in order."""
        return [(m.start, m.end, m.accounts[0].id) for m in self.accounts.mentions(words) if len(m.accounts) == 1]


def subject_of(figure: Figure) -> str | None:
    """The id of what a figure is of that is of no account: of `feedback.web.rice`, "RICE of …", it is `web`."""
    parts = figure.key.split(".")
    return parts[1] if figure.account_id is None and " of " in figure.label and len(parts) > 2 else None


def tokens(words: str) -> list[str]:
    return [token.casefold().rstrip(".!?…") for token in _TOKEN.findall(words)]


def as_quoted(words: str) -> str:
    """A text as quotations are compared: without case, and one space at each gap."""
    return " ".join(words.casefold().split())
