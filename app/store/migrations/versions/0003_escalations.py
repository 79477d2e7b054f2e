"""escalations and their updates; since when parameters are in force"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def _version_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "escalations",
        *_version_columns(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("ticket_id", sa.String(), nullable=True),
        sa.Column("endpoint", sa.String(), nullable=True),
        sa.Column("feature", sa.String(), nullable=True),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.Column("package", sa.String(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_escalations")),
    )
    op.create_index(op.f("ix_escalations_id_until"), "escalations", ["id", "until"], unique=False)
    op.create_index(
        op.f("ix_escalations_account_id_opened_at"), "escalations", ["account_id", "opened_at"], unique=False
    )
    op.create_table(
        "escalation_updates",
        *_version_columns(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("escalation_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("customer_text", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_escalation_updates")),
    )
    op.create_index(op.f("ix_escalation_updates_id_until"), "escalation_updates", ["id", "until"], unique=False)
    op.create_index(
        op.f("ix_escalation_updates_account_id_at"), "escalation_updates", ["account_id", "at"], unique=False
    )

    op.create_table(
        "parameters_in_force",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_parameters_in_force")),
    )
    # The sets that were kept so far came into force when they were first seen.
    op.execute(
        "INSERT INTO parameters_in_force (version, since) "
        "SELECT version, created_at FROM parameter_set ORDER BY created_at"
    )


def downgrade() -> None:
    op.drop_table("parameters_in_force")
    op.drop_table("escalation_updates")
    op.drop_table("escalations")
