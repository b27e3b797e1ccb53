-- 001_initial_schema: identity and projects.
-- Makes users, organizations, organization_memberships, projects and project_members.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    password_hash TEXT,
    first_name    TEXT    NOT NULL,
    last_name     TEXT    NOT NULL,
    avatar_url    TEXT,
    is_active     INTEGER NOT NULL,
    is_superuser  INTEGER NOT NULL,
    is_verified   INTEGER NOT NULL,
    last_login_at INTEGER,
    settings      TEXT    NOT NULL DEFAULT '{}',
    created_by    TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER,
    deletion_id   TEXT,
    revision      INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT users_id_check CHECK (length(id) = 36),
    CONSTRAINT users_email_check CHECK (length(email) > 0),
    CONSTRAINT users_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT users_is_superuser_check CHECK (is_superuser IN (0, 1)),
    CONSTRAINT users_is_verified_check CHECK (is_verified IN (0, 1)),
    CONSTRAINT users_settings_check
        CHECK (json_valid(settings) AND json_type(settings) = 'object'),
    CONSTRAINT users_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT users_revision_check CHECK (revision >= 1),
    CONSTRAINT users_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_created_by ON users (created_by);
CREATE INDEX idx_users_deletion ON users (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE organizations (
    id                  TEXT    NOT NULL PRIMARY KEY,
    name                TEXT    NOT NULL,
    slug                TEXT    NOT NULL,
    description         TEXT,
    billing_email       TEXT,
    subscription_plan   TEXT    NOT NULL,
    subscription_status TEXT    NOT NULL,
    is_active           INTEGER NOT NULL,
    max_users           INTEGER,
    max_projects        INTEGER,
    max_models          INTEGER,
    settings            TEXT    NOT NULL DEFAULT '{}',
    created_by          TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    deleted_at          INTEGER,
    deletion_id         TEXT,
    revision            INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT organizations_id_check CHECK (length(id) = 36),
    CONSTRAINT organizations_name_check CHECK (length(name) > 0),
    CONSTRAINT organizations_slug_check CHECK (length(slug) > 0),
    CONSTRAINT organizations_subscription_plan_check
        CHECK (subscription_plan IN ('starter', 'professional', 'enterprise')),
    CONSTRAINT organizations_subscription_status_check
        CHECK (subscription_status IN ('active', 'inactive', 'suspended')),
    CONSTRAINT organizations_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT organizations_max_users_check CHECK (max_users > 0),
    CONSTRAINT organizations_max_projects_check CHECK (max_projects > 0),
    CONSTRAINT organizations_max_models_check CHECK (max_models > 0),
    CONSTRAINT organizations_settings_check
        CHECK (json_valid(settings) AND json_type(settings) = 'object'),
    CONSTRAINT organizations_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT organizations_revision_check CHECK (revision >= 1),
    CONSTRAINT organizations_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE UNIQUE INDEX organizations_slug_key ON organizations (slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_organizations_created_by ON organizations (created_by);
CREATE INDEX idx_organizations_deletion
    ON organizations (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE organization_memberships (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    invited_by      TEXT,
    joined_at       INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT organization_memberships_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT organization_memberships_id_check CHECK (length(id) = 36),
    CONSTRAINT organization_memberships_role_check
        CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    CONSTRAINT organization_memberships_deletion_check
        CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT organization_memberships_revision_check CHECK (revision >= 1),
    CONSTRAINT organization_memberships_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT organization_memberships_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT organization_memberships_invited_by_fkey
        FOREIGN KEY (invited_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX idx_organization_memberships_org_user
    ON organization_memberships (organization_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_organization_memberships_user_id ON organization_memberships (user_id);
CREATE INDEX idx_organization_memberships_invited_by ON organization_memberships (invited_by);
CREATE INDEX idx_organization_memberships_deletion
    ON organization_memberships (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE projects (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    slug            TEXT    NOT NULL,
    description     TEXT,
    visibility      TEXT    NOT NULL,
    is_active       INTEGER NOT NULL,
    settings        TEXT    NOT NULL DEFAULT '{}',
    created_by      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT projects_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT projects_id_check CHECK (length(id) = 36),
    CONSTRAINT projects_name_check CHECK (length(name) > 0),
    CONSTRAINT projects_slug_check CHECK (length(slug) > 0),
    CONSTRAINT projects_visibility_check CHECK (visibility IN ('private', 'organization')),
    CONSTRAINT projects_is_active_check CHECK (is_active IN (0, 1)),
    CONSTRAINT projects_settings_check
        CHECK (json_valid(settings) AND json_type(settings) = 'object'),
    CONSTRAINT projects_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT projects_revision_check CHECK (revision >= 1),
    CONSTRAINT projects_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT projects_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX projects_organization_id_slug_key
    ON projects (organization_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_projects_created_by ON projects (created_by);
CREATE INDEX idx_projects_deletion ON projects (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE project_members (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL,
    project_id      TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    role            TEXT    NOT NULL,
    added_by        TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    deletion_id     TEXT,
    revision        INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT project_members_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT project_members_id_check CHECK (length(id) = 36),
    CONSTRAINT project_members_role_check
        CHECK (role IN ('owner', 'maintainer', 'contributor', 'viewer')),
    CONSTRAINT project_members_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT project_members_revision_check CHECK (revision >= 1),
    CONSTRAINT project_members_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT project_members_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT project_members_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT project_members_added_by_fkey
        FOREIGN KEY (added_by) REFERENCES users (id) ON DELETE RESTRICT
) STRICT;

CREATE UNIQUE INDEX idx_project_members_project_user
    ON project_members (project_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_project_members_project_id ON project_members (organization_id, project_id, id);
CREATE INDEX idx_project_members_user_id ON project_members (user_id);
CREATE INDEX idx_project_members_added_by ON project_members (added_by);
CREATE INDEX idx_project_members_deletion
    ON project_members (deletion_id) WHERE deletion_id IS NOT NULL;
