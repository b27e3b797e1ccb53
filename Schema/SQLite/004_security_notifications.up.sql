-- 004_security_notifications: API keys, notifications and the audit trail.
-- Makes api_keys, notification_channels, notification_rules and audit_logs.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE api_keys (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    key_prefix      TEXT    NOT NULL,
    key_hash        TEXT    NOT NULL,
    permissions     TEXT    NOT NULL DEFAULT '{}',
    last_used_at    INTEGER,
    expires_at      INTEGER,
    revoked_at      INTEGER,
    issuer_key_id   TEXT,
    limits          TEXT    NOT NULL DEFAULT '{}',
    is_active       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT api_keys_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT api_keys_id_check CHECK (length(id) = 36),
    CONSTRAINT api_keys_name_check CHECK (length(name) > 0),
    CONSTRAINT api_keys_key_prefix_check CHECK (length(key_prefix) > 0),
    CONSTRAINT api_keys_key_hash_check CHECK (length(key_hash) > 0),
    CONSTRAINT api_keys_permissions_check
        CHECK (json_valid(permissions) AND json_type(permissions) = 'object'),
    CONSTRAINT api_keys_limits_check
        CHECK (json_valid(limits) AND json_type(limits) = 'object'),
    CONSTRAINT api_keys_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT api_keys_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT api_keys_revision_check CHECK (revision >= 1),
    CONSTRAINT api_keys_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT api_keys_issuer_key_id_fkey
        FOREIGN KEY (organization_id, issuer_key_id)
        REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX api_keys_key_prefix_key ON api_keys (key_prefix) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX api_keys_key_hash_key ON api_keys (key_hash) WHERE deleted_at IS NULL;
CREATE INDEX idx_api_keys_user_id ON api_keys (user_id);
CREATE INDEX idx_api_keys_issuer_key_id ON api_keys (organization_id, issuer_key_id, id);
CREATE INDEX idx_api_keys_deletion ON api_keys (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE notification_channels (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    channel_type    TEXT    NOT NULL,
    config          TEXT    NOT NULL DEFAULT '{}',
    is_active       INTEGER NOT NULL,
    created_by      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT notification_channels_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT notification_channels_id_check CHECK (length(id) = 36),
    CONSTRAINT notification_channels_name_check CHECK (length(name) > 0),
    CONSTRAINT notification_channels_channel_type_check
        CHECK (channel_type IN ('email', 'slack', 'teams', 'webhook', 'pagerduty')),
    CONSTRAINT notification_channels_config_check
        CHECK (json_valid(config) AND json_type(config) = 'object'),
    CONSTRAINT notification_channels_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT notification_channels_deletion_check
        CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT notification_channels_revision_check CHECK (revision >= 1),
    CONSTRAINT notification_channels_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT notification_channels_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX notification_channels_organization_id_name_key
    ON notification_channels (organization_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_notification_channels_created_by ON notification_channels (created_by);
CREATE INDEX idx_notification_channels_deletion
    ON notification_channels (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE notification_rules (
    id                      TEXT    NOT NULL PRIMARY KEY,
    organization_id         TEXT    NOT NULL,
    project_id              TEXT,
    deployment_id           TEXT,
    notification_channel_id TEXT    NOT NULL,
    name                    TEXT    NOT NULL,
    trigger_type            TEXT    NOT NULL,
    conditions              TEXT    NOT NULL DEFAULT '{}',
    cooldown_seconds        INTEGER NOT NULL,
    is_active               INTEGER NOT NULL,
    created_by              TEXT    NOT NULL,
    created_at              INTEGER NOT NULL,
    updated_at              INTEGER NOT NULL,
    deleted_at              INTEGER,
    deletion_id             TEXT,
    revision                INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT notification_rules_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT notification_rules_id_check CHECK (length(id) = 36),
    CONSTRAINT notification_rules_name_check CHECK (length(name) > 0),
    CONSTRAINT notification_rules_trigger_type_check
        CHECK (trigger_type IN ('alert', 'deployment', 'model_update', 'experiment_complete')),
    CONSTRAINT notification_rules_conditions_check
        CHECK (json_valid(conditions) AND json_type(conditions) = 'object'),
    CONSTRAINT notification_rules_cooldown_seconds_check CHECK (cooldown_seconds >= 0),
    CONSTRAINT notification_rules_is_active_check CHECK (is_active IN (0, 1)),
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
) STRICT;

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

-- No foreign keys: a trail outlives what it describes.
CREATE TABLE audit_logs (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT,
    user_id         TEXT,
    api_key_id      TEXT,
    action          TEXT    NOT NULL,
    resource_type   TEXT    NOT NULL,
    resource_id     TEXT,
    details         TEXT    NOT NULL DEFAULT '{}',
    ip_address      TEXT,
    user_agent      TEXT,
    sequence        INTEGER NOT NULL,
    previous_hash   TEXT,
    hash            TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    CONSTRAINT audit_logs_organization_id_sequence_key UNIQUE (organization_id, sequence),
    CONSTRAINT audit_logs_id_check CHECK (length(id) = 36),
    CONSTRAINT audit_logs_action_check CHECK (length(action) > 0),
    CONSTRAINT audit_logs_resource_type_check CHECK (length(resource_type) > 0),
    CONSTRAINT audit_logs_details_check
        CHECK (json_valid(details) AND json_type(details) = 'object'),
    CONSTRAINT audit_logs_sequence_check CHECK (sequence >= 1),
    CONSTRAINT audit_logs_previous_hash_check CHECK (length(previous_hash) = 64),
    CONSTRAINT audit_logs_hash_check CHECK (length(hash) = 64)
) STRICT;

CREATE UNIQUE INDEX audit_logs_sequence_key
    ON audit_logs (sequence) WHERE organization_id IS NULL;
CREATE INDEX idx_audit_logs_org_created ON audit_logs (organization_id, created_at);
-- Unique as the sequence is, so that SQLite knows it for the order of one resource's entries.
CREATE UNIQUE INDEX audit_logs_organization_id_resource_id_sequence_key
    ON audit_logs (organization_id, resource_id, sequence) WHERE resource_id IS NOT NULL;

CREATE TRIGGER audit_logs_no_update
BEFORE UPDATE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

CREATE TRIGGER audit_logs_no_delete
BEFORE DELETE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

-- REPLACE deletes the old row without the trigger above. The errors are those of the constraints.
CREATE TRIGGER audit_logs_no_replace
BEFORE INSERT ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'UNIQUE constraint failed: audit_logs.id')
    WHERE EXISTS (SELECT 1 FROM audit_logs WHERE id = NEW.id OR rowid = NEW.rowid);
    SELECT RAISE(ABORT, 'UNIQUE constraint failed: audit_logs.organization_id, audit_logs.sequence')
    WHERE EXISTS (
        SELECT 1 FROM audit_logs
        WHERE organization_id IS NEW.organization_id AND sequence = NEW.sequence);
END;

-- Before an insert NEW.rowid is -1 if the database is to choose it: a row with that number would
-- make the trigger above refuse every later row.
CREATE TRIGGER audit_logs_rowid
AFTER INSERT ON audit_logs
WHEN NEW.rowid < 1
BEGIN
    SELECT RAISE(ABORT, 'CHECK constraint failed: audit_logs_rowid');
END;
