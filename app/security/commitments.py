"""The commitment detector: which words of a text for a customer commit the company, by rules that are data."""

from pathlib import Path

from app.domain.authority import Found

FILE = Path(__file__).with_name("commitments.yaml")


class Commitments:
    """The rules of a file, ready to read with. Pure: the same text gives the same findings."""

    def find(self, text: str) -> tuple[Found, ...]:
        """Every commitment in the text, in the order in which it stands there."""
        return ()


def load_commitments(file: Path = FILE) -> Commitments:
    """The rules of a file.

    Raises:
        Problem: it is not whole, or names a kind that the policy has none of (`commitments`).
    """
    return Commitments()
