-- 004_security_notifications: API keys, notifications and the audit trail.
-- Makes api_keys, notification_channels, notification_rules and audit_logs.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE api_keys (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    user_id         uuid             NOT NULL,
    name            text COLLATE "C" NOT NULL,
    key_prefix      text COLLATE "C" NOT NULL,
    key_hash        text COLLATE "C" NOT NULL,
    permissions     jsonb            NOT NULL DEFAULT '{}',
    last_used_at    timestamptz,
    expires_at      timestamptz,
    revoked_at      timestamptz,
    issuer_key_id   uuid,
    limits          jsonb            NOT NULL DEFAULT '{}',
    is_active       boolean          NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT api_keys_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT api_keys_name_check CHECK (length(name) > 0),
    CONSTRAINT api_keys_key_prefix_check CHECK (length(key_prefix) > 0),
    CONSTRAINT api_keys_key_hash_check CHECK (length(key_hash) > 0),
    CONSTRAINT api_keys_permissions_check CHECK (jsonb_typeof(permissions) = 'object'),
    CONSTRAINT api_keys_limits_check CHECK (jsonb_typeof(limits) = 'object'),
    CONSTRAINT api_keys_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT api_keys_revision_check CHECK (revision >= 1),
    CONSTRAINT api_keys_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_issuer_key_id_fkey
        FOREIGN KEY (organization_id, issuer_key_id)
        REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
);

-- Unique in all organizations: a key is looked up before its organization is known.
CREATE UNIQUE INDEX api_keys_key_prefix_key ON api_keys (key_prefix) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX api_keys_key_hash_key ON api_keys (key_hash) WHERE deleted_at IS NULL;
CREATE INDEX idx_api_keys_user_id ON api_keys (user_id);
CREATE INDEX idx_api_keys_issuer_key_id ON api_keys (organization_id, issuer_key_id, id);
CREATE INDEX idx_api_keys_deletion ON api_keys (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY api_keys_tenant ON api_keys
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE notification_channels (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    name            text COLLATE "C" NOT NULL,
    channel_type    text COLLATE "C" NOT NULL,
    config          jsonb            NOT NULL DEFAULT '{}',
    is_active       boolean          NOT NULL,
    created_by      uuid             NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT notification_channels_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT notification_channels_name_check CHECK (length(name) > 0),
    CONSTRAINT notification_channels_channel_type_check
        CHECK (channel_type IN ('email', 'slack', 'teams', 'webhook', 'pagerduty')),
    CONSTRAINT notification_channels_config_check CHECK (jsonb_typeof(config) = 'object'),
    CONSTRAINT notification_channels_deletion_check
        CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT notification_channels_revision_check CHECK (revision >= 1),
    CONSTRAINT notification_channels_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT notification_channels_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX notification_channels_organization_id_name_key
    ON notification_channels (organization_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_notification_channels_created_by ON notification_channels (created_by);
CREATE INDEX idx_notification_channels_deletion
    ON notification_channels (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE notification_channels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY notification_channels_tenant ON notification_channels
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE notification_rules (
    id                      uuid             NOT NULL,
    organization_id         uuid             NOT NULL,
    project_id              uuid,
    deployment_id           uuid,
    notification_channel_id uuid             NOT NULL,
    name                    text COLLATE "C" NOT NULL,
    trigger_type            text COLLATE "C" NOT NULL,
    conditions              jsonb            NOT NULL DEFAULT '{}',
    cooldown_seconds        bigint           NOT NULL,
    is_active               boolean          NOT NULL,
    created_by              uuid             NOT NULL,
    created_at              timestamptz      NOT NULL,
    updated_at              timestamptz      NOT NULL,
    deleted_at              timestamptz,
    deletion_id             uuid,
    revision                bigint           NOT NULL DEFAULT 1,
    CONSTRAINT notification_rules_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT notification_rules_name_check CHECK (length(name) > 0),
    CONSTRAINT notification_rules_trigger_type_check
        CHECK (trigger_type IN ('alert', 'deployment', 'model_update', 'experiment_complete')),
    CONSTRAINT notification_rules_conditions_check CHECK (jsonb_typeof(conditions) = 'object'),
    CONSTRAINT notification_rules_cooldown_seconds_check CHECK (cooldown_seconds >= 0),
    CONSTRAINT notification_rules_deletion_check
        CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT notification_rules_revision_check CHECK (revision >= 1),
    CONSTRAINT notification_rules_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT notification_rules_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT notification_rules_deployment_id_fkey
        FOREIGN KEY (organization_id, deployment_id)
        REFERENCES deployments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT notification_rules_notification_channel_id_fkey
        FOREIGN KEY (organization_id, notification_channel_id)
        REFERENCES notification_channels (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT notification_rules_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX notification_rules_organization_id_name_key
    ON notification_rules (organization_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_notification_rules_org_revision
    ON notification_rules (organization_id, revision, updated_at, deleted_at);
CREATE INDEX idx_notification_rules_project_id
    ON notification_rules (organization_id, project_id, id);
CREATE INDEX idx_notification_rules_deployment_id
    ON notification_rules (organization_id, deployment_id, id);
CREATE INDEX idx_notification_rules_notification_channel_id
    ON notification_rules (organization_id, notification_channel_id, id);
CREATE INDEX idx_notification_rules_created_by ON notification_rules (created_by);
CREATE INDEX idx_notification_rules_deletion
    ON notification_rules (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE notification_rules ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY notification_rules_tenant ON notification_rules
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

-- No foreign keys: a trail outlives what it describes.
CREATE TABLE audit_logs (
    id              uuid             NOT NULL,
    organization_id uuid,
    user_id         uuid,
    api_key_id      uuid,
    action          text COLLATE "C" NOT NULL,
    resource_type   text COLLATE "C" NOT NULL,
    resource_id     text COLLATE "C",
    details         jsonb            NOT NULL DEFAULT '{}',
    ip_address      text COLLATE "C",
    user_agent      text COLLATE "C",
    sequence        bigint           NOT NULL,
    previous_hash   text COLLATE "C",
    hash            text COLLATE "C" NOT NULL,
    created_at      timestamptz      NOT NULL,
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id),
    CONSTRAINT audit_logs_organization_id_sequence_key UNIQUE (organization_id, sequence),
    CONSTRAINT audit_logs_action_check CHECK (length(action) > 0),
    CONSTRAINT audit_logs_resource_type_check CHECK (length(resource_type) > 0),
    CONSTRAINT audit_logs_details_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT audit_logs_sequence_check CHECK (sequence >= 1),
    CONSTRAINT audit_logs_previous_hash_check CHECK (length(previous_hash) = 64),
    CONSTRAINT audit_logs_hash_check CHECK (length(hash) = 64)
);

CREATE UNIQUE INDEX audit_logs_sequence_key
    ON audit_logs (sequence) WHERE organization_id IS NULL;
CREATE INDEX idx_audit_logs_org_created ON audit_logs (organization_id, created_at);
-- Unique as the sequence is, so that SQLite knows it for the order of one resource's entries.
CREATE UNIQUE INDEX audit_logs_organization_id_resource_id_sequence_key
    ON audit_logs (organization_id, resource_id, sequence) WHERE resource_id IS NOT NULL;

ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_logs_tenant ON audit_logs
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE FUNCTION audit_logs_append_only() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'audit_logs is append-only' USING ERRCODE = 'ML001';
END;
$$;

CREATE TRIGGER audit_logs_no_update
BEFORE UPDATE ON audit_logs
FOR EACH ROW EXECUTE FUNCTION audit_logs_append_only();

CREATE TRIGGER audit_logs_no_delete
BEFORE DELETE ON audit_logs
FOR EACH ROW EXECUTE FUNCTION audit_logs_append_only();

CREATE TRIGGER audit_logs_no_truncate
BEFORE TRUNCATE ON audit_logs
FOR EACH STATEMENT EXECUTE FUNCTION audit_logs_append_only();
