"""All tables of the first version.

Row-level security follows in the next migration, functions in the one after: no role but the owner's can reach
anything in between, because nothing is granted yet.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ['instance_jobs', 'organizations', 'schedules', 'security_events', 'users', 'workers', 'activity', 'blobs', 'categories', 'jobs', 'memberships', 'one_time_links', 'schedule_ticks', 'sessions', 'usage_counters', 'usage_reservations', 'api_tokens', 'documents', 'analyses', 'document_texts']

PARTITIONS = 32


def upgrade() -> None:
    for extension in ("pg_trgm", "btree_gin"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")

    op.create_table('instance_jobs',
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('queue', sa.String(length=20), nullable=False),
    sa.Column('priority', sa.SmallInteger(), server_default=sa.text('100'), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('payload', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('max_attempts', sa.Integer(), server_default=sa.text('3'), nullable=False),
    sa.Column('lost_leases', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('run_after', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lease_token', sa.Uuid(), nullable=True),
    sa.Column('lease_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('progress', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.Column('request_id', sa.String(length=64), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'dead', 'cancelled')", name='ck_instance_jobs_state'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'idempotency_key', name='uq_instance_jobs_key')
    )
    op.create_index('ix_instance_jobs_due', 'instance_jobs', ['queue', 'priority', 'run_after', 'id'], postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_instance_jobs_leases', 'instance_jobs', ['lease_expires_at'], postgresql_where=sa.text("state = 'running'"))
    op.create_table('organizations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('plan', sa.String(length=20), nullable=False),
    sa.Column('analysis_mode', sa.String(length=20), server_default=sa.text("'automatic'"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("analysis_mode IN ('automatic', 'on_request', 'never')", name='ck_organizations_analysis_mode'),
    sa.CheckConstraint("plan IN ('free', 'pro', 'business')", name='ck_organizations_plan'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('schedules',
    sa.Column('id', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('interval_seconds', sa.Integer(), nullable=False),
    sa.Column('is_paused', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('last_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('security_events',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('ip_address', sa.String(length=64), server_default=sa.text("''"), nullable=False),
    sa.Column('details', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_security_events_at', 'security_events', ['at'])
    op.create_table('users',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=500), nullable=True),
    sa.Column('is_operator', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('uq_users_email', 'users', [sa.literal_column('lower(email)')], unique=True)
    op.create_table('workers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('queues', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_workers_seen_at', 'workers', ['seen_at'])
    op.create_table('activity',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('actor', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('target_kind', sa.String(length=40), nullable=False),
    sa.Column('target_id', sa.Uuid(), nullable=True),
    sa.Column('details', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_activity_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id')
    )
    op.create_index('ix_activity_at', 'activity', ['organization_id', 'at', 'id'])
    op.create_index('ix_activity_target', 'activity', ['organization_id', 'target_id', 'at'])
    op.create_table('blobs',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('format', sa.String(length=20), server_default=sa.text("'raw'"), nullable=False),
    sa.Column('key_id', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('length(sha256) = 64', name='ck_blobs_sha256'),
    sa.CheckConstraint('size_bytes >= 0', name='ck_blobs_size'),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_blobs_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'sha256')
    )
    op.create_table('categories',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_categories_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id')
    )
    op.create_index('uq_categories_name', 'categories', ['organization_id', sa.literal_column('lower(name)')], unique=True)
    op.create_table('jobs',
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('queue', sa.String(length=20), nullable=False),
    sa.Column('priority', sa.SmallInteger(), server_default=sa.text('100'), nullable=False),
    sa.Column('idempotency_key', sa.String(length=200), nullable=False),
    sa.Column('payload', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('max_attempts', sa.Integer(), server_default=sa.text('3'), nullable=False),
    sa.Column('lost_leases', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('run_after', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lease_token', sa.Uuid(), nullable=True),
    sa.Column('lease_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('progress', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('last_error', sa.String(), nullable=True),
    sa.Column('request_id', sa.String(length=64), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=True),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'dead', 'cancelled')", name='ck_jobs_state'),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_jobs_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id'),
    sa.UniqueConstraint('organization_id', 'kind', 'idempotency_key', name='uq_jobs_key')
    )
    op.create_index('ix_jobs_due', 'jobs', ['queue', 'organization_id', 'priority', 'run_after', 'id'], postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_jobs_leases', 'jobs', ['lease_expires_at'], postgresql_where=sa.text("state = 'running'"))
    op.create_index('ix_jobs_running', 'jobs', ['queue', 'organization_id'], postgresql_where=sa.text("state = 'running'"))
    op.create_table('memberships',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role IN ('owner', 'member')", name='ck_memberships_role'),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_memberships_organization', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_memberships_user', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id'),
    sa.UniqueConstraint('organization_id', 'user_id', name='uq_memberships_user')
    )
    op.create_index('ix_memberships_user', 'memberships', ['user_id'])
    op.create_table('one_time_links',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("purpose IN ('setup', 'set_password')", name='ck_one_time_links_purpose'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_one_time_links_user', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash', name='uq_one_time_links_token_hash')
    )
    op.create_table('schedule_ticks',
    sa.Column('schedule_id', sa.String(length=60), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedules.id'], ),
    sa.PrimaryKeyConstraint('schedule_id', 'due_at')
    )
    op.create_table('sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('organization_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_agent', sa.String(length=400), server_default=sa.text("''"), nullable=False),
    sa.Column('ip_address', sa.String(length=64), server_default=sa.text("''"), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name='fk_sessions_user', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash', name='uq_sessions_token_hash')
    )
    op.create_index('ix_sessions_expires_at', 'sessions', ['expires_at'])
    op.create_index('ix_sessions_user', 'sessions', ['user_id'])
    op.create_table('usage_counters',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('meter', sa.String(length=40), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('used', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('reserved', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('used >= 0 AND reserved >= 0', name='ck_usage_counters_positive'),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_usage_counters_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'meter', 'period')
    )
    op.create_table('usage_reservations',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('meter', sa.String(length=40), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_usage_reservations_organization', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id')
    )
    op.create_index('ix_usage_reservations_open', 'usage_reservations', ['expires_at'], postgresql_where=sa.text('settled_at IS NULL'))
    op.create_table('api_tokens',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('hint', sa.String(length=12), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['organization_id', 'user_id'], ['memberships.organization_id', 'memberships.user_id'], name='fk_api_tokens_user_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id'),
    sa.UniqueConstraint('token_hash', name='uq_api_tokens_token_hash')
    )
    op.create_table('documents',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('mime_type', sa.String(length=100), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('uploaded_by', sa.Uuid(), nullable=True),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('error_code', sa.String(length=60), nullable=True),
    sa.Column('error_message', sa.String(length=500), nullable=True),
    sa.Column('scan', sa.String(length=20), nullable=False),
    sa.Column('ocr', sa.String(length=20), nullable=False),
    sa.Column('page_count', sa.Integer(), nullable=True),
    sa.Column('category_id', sa.Uuid(), nullable=True),
    sa.Column('document_type', sa.String(length=100), nullable=True),
    sa.Column('summary', sa.String(length=600), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('amounts', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('parties', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('value_sources', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('analysis_source', sa.String(length=20), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('scanned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('searchable_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('analysed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_accessed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("outcome IN ('pending', 'done', 'infected', 'unreadable', 'skipped', 'failed')", name='ck_documents_outcome'),
    sa.CheckConstraint("stage IN ('received', 'scanned', 'read', 'searchable', 'analysed')", name='ck_documents_stage'),
    sa.ForeignKeyConstraint(['deleted_by'], ['users.id'], name='fk_documents_deleted_by'),
    sa.ForeignKeyConstraint(['organization_id', 'category_id'], ['categories.organization_id', 'categories.id'], name='fk_documents_category_id'),
    sa.ForeignKeyConstraint(['organization_id', 'sha256'], ['blobs.organization_id', 'blobs.sha256'], name='fk_documents_sha256'),
    sa.ForeignKeyConstraint(['organization_id'], ['organizations.id'], name='fk_documents_organization', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['uploaded_by'], ['users.id'], name='fk_documents_uploaded_by'),
    sa.PrimaryKeyConstraint('organization_id', 'id')
    )
    op.create_index('ix_documents_category', 'documents', ['organization_id', 'category_id', 'created_at', 'id'], postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_documents_created', 'documents', ['organization_id', 'created_at', 'id'], postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_documents_name', 'documents', ['organization_id', sa.literal_column('lower(name)'), 'id'], postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_documents_name_trigrams', 'documents', ['organization_id', 'name'], postgresql_using='gin', postgresql_ops={'name': 'gin_trgm_ops'}, postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_documents_sha256', 'documents', ['organization_id', 'sha256'])
    op.create_index('ix_documents_size', 'documents', ['organization_id', 'size_bytes', 'id'], postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_documents_unsettled', 'documents', ['organization_id', 'outcome', 'created_at'], postgresql_where=sa.text("deleted_at IS NULL AND outcome <> 'done'"))
    op.create_table('analyses',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('mode', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('model', sa.String(length=100), nullable=False),
    sa.Column('prompt_version', sa.String(length=40), server_default=sa.text("''"), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('result', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('tokens_in', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('tokens_out', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("mode IN ('fast', 'thorough')", name='ck_analyses_mode'),
    sa.ForeignKeyConstraint(['organization_id', 'document_id'], ['documents.organization_id', 'documents.id'], name='fk_analyses_document_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'id'),
    sa.UniqueConstraint('organization_id', 'job_id', name='uq_analyses_job')
    )
    op.create_index('ix_analyses_cache', 'analyses', ['organization_id', 'content_sha256', 'mode', 'model', 'prompt_version'])
    op.create_index('ix_analyses_document', 'analyses', ['organization_id', 'document_id', 'created_at'])
    op.create_table('document_texts',
    sa.Column('organization_id', sa.Uuid(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('is_truncated', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('vector', postgresql.TSVECTOR(), nullable=True),
    sa.ForeignKeyConstraint(['organization_id', 'document_id'], ['documents.organization_id', 'documents.id'], name='fk_document_texts_document_id', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organization_id', 'document_id'),
    postgresql_partition_by='HASH (organization_id)',
    )
    # A GIN index keeps one list of rows for each word, whoever they belong to: in one table a small organization's
    # search would pay for everybody's documents.
    op.execute('CREATE SCHEMA partitions')
    for number in range(PARTITIONS):
        op.execute(
            f'CREATE TABLE partitions.document_texts_{number} PARTITION OF document_texts '
            f'FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number}) '
            'WITH (toast_tuple_target = 128)'  # texts and vectors out of the way of those who look for ids only
        )
    op.create_index('ix_document_texts_vector', 'document_texts', ['organization_id', 'vector'], postgresql_using='gin')


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute('DROP SCHEMA partitions')
