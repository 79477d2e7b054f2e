"""The fields of an account's contract and record whose changes are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.figures import Figure, Text, text
from app.domain.records import Account
from tools.health.case import Case, figure
from tools.health.evidence import account_field

WORD = "text"
"""The unit of what is not a number or a date, and so is no figure."""


@dataclass(frozen=True, slots=True)
class AccountField:
    name: str
    label: str
    unit: str = WORD

    @property
    def key(self) -> str:
        return f"account.{self.name}"


FIELDS = (
    AccountField("lifecycle", "Stage"),
    AccountField("owner", "Owner"),
    AccountField("plan", "Plan"),
    AccountField("segment", "Segment"),
    AccountField("product", "Product"),
    AccountField("usage_model", "Usage model"),
    AccountField("currency", "Currency"),
    AccountField("licensed_seats", "Licensed seats", "seats"),
    AccountField("api_quota_monthly", "Monthly quota of API calls", "calls"),
    AccountField("features_available", "Features available", "features"),
    AccountField("contract_start", "Contract start", "date"),
    AccountField("renewal_date", "Renewal date", "date"),
    AccountField("notice_days", "Days of notice", "days"),
    AccountField("term_months", "Months of the term", "count"),
    AccountField("auto_renew", "Renews by itself"),
)

_YES_OR_NO: Mapping[object, str] = {True: "yes", False: "no"}


def changed_fields(then: Account, now: Account) -> tuple[AccountField, ...]:
    """The fields that differ. ARR is not among them: its movements tell it."""
    return tuple(field for field in FIELDS if getattr(then, field.name) != getattr(now, field.name))


def field_figure(case: Case, field: AccountField) -> Figure:
    """The field of the case's account as a figure."""
    value = getattr(case.account, field.name)
    records = account_field(case).evidence
    return figure(case, field.key, field.label, value, field.unit, "the account's own field", records)


def field_words(case: Case, field: AccountField) -> Text:
    """The field's value: a figure where it is a number or a date, else a word."""
    if field.unit != WORD:
        return text(field_figure(case, field))
    value = getattr(case.account, field.name)
    if value is None:
        return text("unknown")
    return text(_YES_OR_NO.get(value, str(value)) if isinstance(value, bool) else str(value))
