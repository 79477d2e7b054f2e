"""onboarding milestones, their slips, checklists, and sign-offs of a CSE's ramp"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def _version_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    )


def _effective_on() -> sa.Column[Any]:
    return sa.Column("effective_on", sa.Date(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "milestones",
        *_version_columns(),
        _effective_on(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("planned", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("acceptance", sa.String(), nullable=True),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_milestones")),
    )
    op.create_index(op.f("ix_milestones_id_until"), "milestones", ["id", "until"], unique=False)
    op.create_index(op.f("ix_milestones_account_id"), "milestones", ["account_id"], unique=False)
    op.create_table(
        "milestone_slips",
        *_version_columns(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("milestone_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("whose", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_milestone_slips")),
    )
    op.create_index(op.f("ix_milestone_slips_id_until"), "milestone_slips", ["id", "until"], unique=False)
    op.create_index(op.f("ix_milestone_slips_account_id_date"), "milestone_slips", ["account_id", "date"], unique=False)
    op.create_table(
        "checks",
        *_version_columns(),
        _effective_on(),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("checklist", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_checks")),
    )
    op.create_index(
        op.f("ix_checks_account_id_checklist_item_until"),
        "checks",
        ["account_id", "checklist", "item", "until"],
        unique=False,
    )
    op.create_table(
        "ramp_signoffs",
        *_version_columns(),
        _effective_on(),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_ramp_signoffs")),
    )
    op.create_index(
        op.f("ix_ramp_signoffs_owner_goal_until"), "ramp_signoffs", ["owner", "goal", "until"], unique=False
    )


def downgrade() -> None:
    for table in ("ramp_signoffs", "checks", "milestone_slips", "milestones"):
        op.drop_table(table)
