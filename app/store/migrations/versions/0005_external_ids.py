"""external ids of accounts and contacts, and rows that wait for a match"""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.drop_column("account_source", "external_id")  # it always was the account's id
    op.create_table(
        "external_id",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("internal_id", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_external_id")),
    )
    op.create_index(
        op.f("ix_external_id_source_subject_external_id"), "external_id", ["source", "subject", "external_id"]
    )
    op.create_index(op.f("ix_external_id_internal_id"), "external_id", ["internal_id"])
    op.create_table(
        "waiting_row",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_key", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("record", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_waiting_row")),
    )
    op.create_index(
        op.f("ix_waiting_row_source_table_name_record_key"), "waiting_row", ["source", "table_name", "record_key"]
    )
    op.create_index(op.f("ix_waiting_row_source_external_id"), "waiting_row", ["source", "external_id"])


def downgrade() -> None:
    op.drop_table("waiting_row")
    op.drop_table("external_id")
    op.add_column("account_source", sa.Column("external_id", sa.String(), nullable=False, server_default=""))
