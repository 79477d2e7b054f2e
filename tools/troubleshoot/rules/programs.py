"""Rules of what programs print and write: errors of their code, resources that ran out, tables."""

from tools.troubleshoot.rules.code_errors import code_error
from tools.troubleshoot.rules.resources import resources_exhausted
from tools.troubleshoot.rules.rule import Rule
from tools.troubleshoot.rules.tables import duplicate_rows, table_malformed

RULES: tuple[Rule, ...] = (
    Rule("resources_exhausted", "undecided", resources_exhausted),
    Rule("code_error", "customer", code_error),
    Rule("table_malformed", "customer", table_malformed),
    Rule("duplicate_rows", "undecided", duplicate_rows, "context"),
)
