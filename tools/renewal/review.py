"""/renewal ACCOUNT review: the ROI report, and a mail to the customer with the value so far."""

from app.domain.blocks import Heading, Verdict
from app.domain.command import Context, Needs, Report
from app.domain.figures import text
from app.domain.problems import InvalidArguments
from tools.renewal import account
from tools.renewal.arguments import RenewalArgs
from tools.renewal.case import renewal_case
from tools.renewal.data import RenewalData
from tools.renewal.letter import value_mail
from tools.renewal.sections import roi_report
from tools.renewal.verdict import value_line


def needs(args: RenewalArgs) -> Needs:
    """Raises:
    InvalidArguments: no account is named.
    """
    if args.account is None:
        raise InvalidArguments("Whose value review is it?", missing=["account"])
    return account.needs(args.account)


def report(ctx: Context) -> Report:
    """The value delivered with its arithmetic, and the draft. Its data is that of the renewal."""
    case = renewal_case(ctx)
    unknown = sum(goal.value_amount is None for goal in case.goals)
    lines = [value_line(case)]
    if unknown:
        told = f"Of {len(case.goals)} goal{'' if len(case.goals) == 1 else 's'} {unknown} without a worth on record"
        lines.append(text(f"{told}: the mail asks for it."))
    lines.append(text("Read the mail before you send it; it promises nothing."))
    head = Verdict(tone="neutral", headline=text(f"Value review with {case.account.name}"), lines=tuple(lines))
    blocks = (head, value_mail(case), Heading(text=text("ROI report")), *roi_report(case))
    data = RenewalData(account.renewal_data(case, ()))
    case.stated.add(case.value.values())
    return Report(data, blocks, case.stated.figures)
