"""idempotency keys, and leases of running work"""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

ONE_IMPORT = sa.text("status = 'running' AND kind = 'import'")


def upgrade() -> None:
    op.create_table(
        "runner",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner")),
    )
    op.add_column("turn", sa.Column("runner", sa.String(), nullable=True))
    op.add_column("turn", sa.Column("stop_requested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("turn", sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("runner", sa.String(), nullable=True))
    op.add_column("job", sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True))
    _end_running_jobs()
    op.create_index(
        "ix_job_running_import", "job", ["kind"], unique=True, sqlite_where=ONE_IMPORT, postgresql_where=ONE_IMPORT
    )
    op.create_table(
        "idempotency",
        sa.Column("owner_key_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("runner", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_key_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("idempotency")
    op.drop_index("ix_job_running_import", table_name="job")
    op.drop_column("job", "cancel_requested_at")
    op.drop_column("job", "runner")
    op.drop_column("turn", "followed_at")
    op.drop_column("turn", "stop_requested_at")
    op.drop_column("turn", "runner")
    op.drop_table("runner")


def _end_running_jobs() -> None:
    """No server that knows these tables has run them; several would not meet the index."""
    job = sa.table(
        "job",
        sa.column("status", sa.String()),
        sa.column("result", sa.JSON()),
        sa.column("updated_at", sa.DateTime(timezone=True)),
        sa.column("finished_at", sa.DateTime(timezone=True)),
    )
    detail = "The service was updated during this import. Send it again."
    problem = {"code": "interrupted", "detail": detail, "extra": {}}
    op.execute(
        job.update()
        .where(job.c.status == "running")
        .values(status="interrupted", result={"problem": problem}, finished_at=job.c.updated_at)
    )
