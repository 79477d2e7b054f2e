"""Finds what a text says of the environment: production or sandbox, region, SDK version."""

import re
from itertools import islice

MOST_FOUND = 200

_STAGE = r"(?:production|prod|staging|sandbox|uat|pre-?prod(?:uction)?)"
_PLACE = r"(?:environment|env|tenant|cluster|workspace|account)"
_SIDE = r"(?:north|south|east|west|central)"
_REGION = rf"""(?:
    (?:us|eu|ap|sa|ca|me|af|il|cn)-(?:gov-)?(?:{_SIDE}|northeast|southeast|northwest|southwest)(?:-\d)?
  | (?:europe|us|asia|australia|northamerica|southamerica|me|africa)-(?:{_SIDE}|northeast|southeast)\d{{1,2}}
  | {_SIDE}(?:us|europe|india|uk)\d?)"""
_VERSION = r"v?\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+][\w.]{1,20})?"
_LANGUAGE = r"(?:python|node(?:\.js)?|java(?:script)?|go|ruby|php|\.net|typescript|ios|android)"
_SDK = rf"""(?:
    {_LANGUAGE}[ ](?:sdk|client|library)(?:[ ](?:version[ ])?{_VERSION})?
  | (?:sdk|client|agent|app|api)[ ](?:version[ ])?{_VERSION})"""
_IN_PROSE = re.compile(
    rf"""\b(?:in|on|against|from)[ ](?:(?:our|their|the)[ ])?(?P<stage>{_STAGE}(?:[ ]{_PLACE})?)\b
      | \b(?P<named>(?:{_STAGE}|qa|test|dev(?:elopment)?)[ ]{_PLACE})\b
      | \b(?P<placed>{_STAGE}[ ,/(]{{1,3}}{_REGION})\b
      | (?<![\w-])(?=[a-z.])(?:(?P<region>{_REGION})|(?P<sdk>{_SDK}))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_WHOLE_LINE = re.compile(
    rf"""^[ >*•-]{{0,4}}(?P<all>(?:our[ ]|their[ ]|the[ ])?(?:{_STAGE}|qa)
        (?:[ ,;/()]{{1,3}}(?:{_REGION}|{_SDK}|{_VERSION}|{_PLACE}|region|sdk|eu|us|uk|apac|emea)\)?)*+)[ .)]{{0,3}}$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def find_environment(text: str) -> str | None:
    """What the text says of the environment, its parts separated by commas; None where it says nothing."""
    if match := _WHOLE_LINE.search(text):
        return match["all"]
    found: dict[str, None] = {}
    for match in islice(_IN_PROSE.finditer(text), MOST_FOUND):
        found[next(part for part in match.groups() if part)] = None
    return ", ".join(found) or None
