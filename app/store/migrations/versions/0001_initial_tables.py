"""initial tables"""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "account_source",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_account_source")),
    )
    op.create_index(op.f("ix_account_source_account_id"), "account_source", ["account_id"], unique=False)
    op.create_index(op.f("ix_account_source_account_key"), "account_source", ["account_key"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("lifecycle", sa.String(), nullable=True),
        sa.Column("arr", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("usage_model", sa.String(), nullable=False),
        sa.Column("licensed_seats", sa.BigInteger(), nullable=True),
        sa.Column("api_quota_monthly", sa.BigInteger(), nullable=True),
        sa.Column("features_available", sa.BigInteger(), nullable=True),
        sa.Column("contract_start", sa.Date(), nullable=True),
        sa.Column("renewal_date", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("auto_renew", sa.Boolean(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_id_until"), "accounts", ["id", "until"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("account_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("groups", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_table(
        "arr_movements",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_arr_movements")),
    )
    op.create_index(op.f("ix_arr_movements_account_id_date"), "arr_movements", ["account_id", "date"], unique=False)
    op.create_index(op.f("ix_arr_movements_id_until"), "arr_movements", ["id", "until"], unique=False)
    op.create_table(
        "commitments",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_commitments")),
    )
    op.create_index(op.f("ix_commitments_account_id"), "commitments", ["account_id"], unique=False)
    op.create_index(op.f("ix_commitments_id_until"), "commitments", ["id", "until"], unique=False)
    op.create_table(
        "contact_activity",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("logins", sa.BigInteger(), nullable=True),
        sa.Column("features", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_contact_activity")),
    )
    op.create_index(
        op.f("ix_contact_activity_contact_id_date_until"),
        "contact_activity",
        ["contact_id", "date", "until"],
        unique=False,
    )
    op.create_table(
        "contacts",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("stakeholder", sa.String(), nullable=True),
        sa.Column("is_champion", sa.Boolean(), nullable=True),
        sa.Column("influence", sa.String(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_account_id"), "contacts", ["account_id"], unique=False)
    op.create_index(op.f("ix_contacts_id_until"), "contacts", ["id", "until"], unique=False)
    op.create_table(
        "counter",
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_counter")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("indexed_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_table(
        "effect",
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("write_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "index", name=op.f("pk_effect")),
    )
    op.create_table(
        "feature_usage",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("users", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_key", "day", "feature", "environment", "since", name=op.f("pk_feature_usage")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("covered_through", sa.Integer(), nullable=False),
        sa.Column("newest_on", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_feed")),
    )
    op.create_index(op.f("ix_feed_source_table_name"), "feed", ["source", "table_name"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("reach", sa.Float(), nullable=True),
        sa.Column("impact", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("effort_weeks", sa.Float(), nullable=True),
        sa.Column("account_ids", sa.JSON(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("quote", sa.String(), nullable=True),
        sa.Column("workaround", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_id_until"), "feedback", ["id", "until"], unique=False)
    op.create_table(
        "goals",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=True),
        sa.Column("baseline", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("current", sa.Float(), nullable=True),
        sa.Column("value_amount", sa.Float(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("status_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_goals")),
    )
    op.create_index(op.f("ix_goals_account_id"), "goals", ["account_id"], unique=False)
    op.create_index(op.f("ix_goals_id_until"), "goals", ["id", "until"], unique=False)
    op.create_table(
        "integrations",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=True),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_integrations")),
    )
    op.create_index(
        op.f("ix_integrations_account_id_kind_environment_until"),
        "integrations",
        ["account_id", "kind", "environment", "until"],
        unique=False,
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner_key_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("progress", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_owner_key_id_created_at"), "job", ["owner_key_id", "created_at"], unique=False)
    op.create_table(
        "nps",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_nps")),
    )
    op.create_index(op.f("ix_nps_account_id_responded_at"), "nps", ["account_id", "responded_at"], unique=False)
    op.create_index(op.f("ix_nps_id_until"), "nps", ["id", "until"], unique=False)
    op.create_table(
        "parameter_set",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_parameter_set")),
    )
    op.create_table(
        "plans",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("price_monthly", sa.Float(), nullable=True),
        sa.Column("quota_monthly", sa.BigInteger(), nullable=True),
        sa.Column("rate_limit", sa.BigInteger(), nullable=True),
        sa.Column("sla", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_name_until"), "plans", ["name", "until"], unique=False)
    op.create_table(
        "roadmap",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("quarter", sa.String(), nullable=True),
        sa.Column("beta_open", sa.Boolean(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_roadmap")),
    )
    op.create_index(op.f("ix_roadmap_feature_until"), "roadmap", ["feature", "until"], unique=False)
    op.create_table(
        "sign_in_code",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_sign_in_code")),
    )
    op.create_table(
        "signals",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_account_id_date"), "signals", ["account_id", "date"], unique=False)
    op.create_index(op.f("ix_signals_id_until"), "signals", ["id", "until"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner_key_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("pending", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_owner_key_id_updated_at"), "thread", ["owner_key_id", "updated_at"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=True),
        sa.Column("csat", sa.Float(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("engineering_key", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_account_id_opened_at"), "tickets", ["account_id", "opened_at"], unique=False)
    op.create_index(op.f("ix_tickets_id_until"), "tickets", ["id", "until"], unique=False)
    op.create_table(
        "touchpoints",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_touchpoints")),
    )
    op.create_index(op.f("ix_touchpoints_account_id_date"), "touchpoints", ["account_id", "date"], unique=False)
    op.create_index(op.f("ix_touchpoints_id_until"), "touchpoints", ["id", "until"], unique=False)
    op.create_table(
        "turn",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=True),
        sa.Column("owner_key_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=True),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("version_n", sa.BigInteger(), nullable=True),
        sa.Column("parameters_version", sa.String(), nullable=True),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("thread_id", "number", name=op.f("uq_turn_thread_id_number")),
    )
    op.create_index(
        "ix_turn_running",
        "turn",
        ["thread_id"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "usage",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("account_key", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("active_users", sa.BigInteger(), nullable=True),
        sa.Column("active_users_28d", sa.BigInteger(), nullable=True),
        sa.Column("api_calls", sa.BigInteger(), nullable=True),
        sa.Column("errors", sa.BigInteger(), nullable=True),
        sa.Column("p95_ms", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("account_key", "day", "since", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "write",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write")),
        sa.UniqueConstraint("place", name=op.f("uq_write_place")),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO counter (n) VALUES (0)")


def downgrade() -> None:
    op.drop_table("write")
    op.drop_table("usage")
    op.drop_index(
        "ix_turn_running",
        table_name="turn",
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_table("turn")
    op.drop_index(op.f("ix_touchpoints_id_until"), table_name="touchpoints")
    op.drop_index(op.f("ix_touchpoints_account_id_date"), table_name="touchpoints")
    op.drop_table("touchpoints")
    op.drop_index(op.f("ix_tickets_id_until"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_account_id_opened_at"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_index(op.f("ix_thread_owner_key_id_updated_at"), table_name="thread")
    op.drop_table("thread")
    op.drop_index(op.f("ix_signals_id_until"), table_name="signals")
    op.drop_index(op.f("ix_signals_account_id_date"), table_name="signals")
    op.drop_table("signals")
    op.drop_table("sign_in_code")
    op.drop_index(op.f("ix_roadmap_feature_until"), table_name="roadmap")
    op.drop_table("roadmap")
    op.drop_index(op.f("ix_plans_name_until"), table_name="plans")
    op.drop_table("plans")
    op.drop_table("parameter_set")
    op.drop_index(op.f("ix_nps_id_until"), table_name="nps")
    op.drop_index(op.f("ix_nps_account_id_responded_at"), table_name="nps")
    op.drop_table("nps")
    op.drop_index(op.f("ix_job_owner_key_id_created_at"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix_integrations_account_id_kind_environment_until"), table_name="integrations")
    op.drop_table("integrations")
    op.drop_index(op.f("ix_goals_id_until"), table_name="goals")
    op.drop_index(op.f("ix_goals_account_id"), table_name="goals")
    op.drop_table("goals")
    op.drop_index(op.f("ix_feedback_id_until"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_feed_source_table_name"), table_name="feed")
    op.drop_table("feed")
    op.drop_table("feature_usage")
    op.drop_table("effect")
    op.drop_table("document")
    op.drop_table("counter")
    op.drop_index(op.f("ix_contacts_id_until"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_account_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_contact_activity_contact_id_date_until"), table_name="contact_activity")
    op.drop_table("contact_activity")
    op.drop_index(op.f("ix_commitments_id_until"), table_name="commitments")
    op.drop_index(op.f("ix_commitments_account_id"), table_name="commitments")
    op.drop_table("commitments")
    op.drop_index(op.f("ix_arr_movements_id_until"), table_name="arr_movements")
    op.drop_index(op.f("ix_arr_movements_account_id_date"), table_name="arr_movements")
    op.drop_table("arr_movements")
    op.drop_table("api_key")
    op.drop_index(op.f("ix_accounts_id_until"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_account_source_account_key"), table_name="account_source")
    op.drop_index(op.f("ix_account_source_account_id"), table_name="account_source")
    op.drop_table("account_source")
