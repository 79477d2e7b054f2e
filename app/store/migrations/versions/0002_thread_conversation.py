"""the name by which a channel finds a thread"""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("thread", sa.Column("conversation", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_thread_owner_key_id_conversation"), "thread", ["owner_key_id", "conversation"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_thread_owner_key_id_conversation"), table_name="thread")
    op.drop_column("thread", "conversation")
