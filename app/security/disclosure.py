"""The rules of what a customer may read, from the one file that holds them."""

from pathlib import Path

from pydantic import ValidationError

from app.domain.disclosure import DisclosureRules
from app.domain.problems import Problem
from app.security.rules_file import read_rules, what_is_wrong

FILE = Path(__file__).with_name("disclosure.yaml")


def load_disclosure(file: Path = FILE) -> DisclosureRules:
    """The rules of a file.

    Raises:
        Problem: they are not whole, or hold what nothing here knows (`disclosure`).
    """
    try:
        return DisclosureRules.model_validate(read_rules(file, code="disclosure"))
    except ValidationError as error:
        raise Problem(f"{file.name}: {what_is_wrong(error)}", code="disclosure", status=500) from None
