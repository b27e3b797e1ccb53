-- 001_initial_schema: identity and projects.
-- Makes users, organizations, organization_memberships, projects and project_members.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE users (
    id            uuid             NOT NULL,
    email         text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C",
    first_name    text COLLATE "C" NOT NULL,
    last_name     text COLLATE "C" NOT NULL,
    avatar_url    text COLLATE "C",
    is_active     boolean          NOT NULL,
    is_superuser  boolean          NOT NULL,
    is_verified   boolean          NOT NULL,
    last_login_at timestamptz,
    settings      jsonb            NOT NULL DEFAULT '{}',
    created_by    uuid,
    created_at    timestamptz      NOT NULL,
    updated_at    timestamptz      NOT NULL,
    deleted_at    timestamptz,
    deletion_id   uuid,
    revision      bigint           NOT NULL DEFAULT 1,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_check CHECK (length(email) > 0),
    CONSTRAINT users_settings_check CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT users_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT users_revision_check CHECK (revision >= 1),
    CONSTRAINT users_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
);

CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_created_by ON users (created_by);
CREATE INDEX idx_users_deletion ON users (deletion_id) WHERE deletion_id IS NOT NULL;

CREATE TABLE organizations (
    id                  uuid             NOT NULL,
    name                text COLLATE "C" NOT NULL,
    slug                text COLLATE "C" NOT NULL,
    description         text COLLATE "C",
    billing_email       text COLLATE "C",
    subscription_plan   text COLLATE "C" NOT NULL,
    subscription_status text COLLATE "C" NOT NULL,
    is_active           boolean          NOT NULL,
    max_users           bigint,
    max_projects        bigint,
    max_models          bigint,
    settings            jsonb            NOT NULL DEFAULT '{}',
    created_by          uuid,
    created_at          timestamptz      NOT NULL,
    updated_at          timestamptz      NOT NULL,
    deleted_at          timestamptz,
    deletion_id         uuid,
    revision            bigint           NOT NULL DEFAULT 1,
    CONSTRAINT organizations_pkey PRIMARY KEY (id),
    CONSTRAINT organizations_name_check CHECK (length(name) > 0),
    CONSTRAINT organizations_slug_check CHECK (length(slug) > 0),
    CONSTRAINT organizations_subscription_plan_check
        CHECK (subscription_plan IN ('starter', 'professional', 'enterprise')),
    CONSTRAINT organizations_subscription_status_check
        CHECK (subscription_status IN ('active', 'inactive', 'suspended')),
    CONSTRAINT organizations_max_users_check CHECK (max_users > 0),
    CONSTRAINT organizations_max_projects_check CHECK (max_projects > 0),
    CONSTRAINT organizations_max_models_check CHECK (max_models > 0),
    CONSTRAINT organizations_settings_check CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT organizations_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT organizations_revision_check CHECK (revision >= 1),
    CONSTRAINT organizations_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
);

CREATE UNIQUE INDEX organizations_slug_key ON organizations (slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_organizations_created_by ON organizations (created_by);
CREATE INDEX idx_organizations_deletion
    ON organizations (deletion_id) WHERE deletion_id IS NOT NULL;

-- Rows of one organization are seen at a time: the one that the transaction has set, or none.
-- Work across organizations runs under a role with BYPASSRLS.
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations_tenant ON organizations
    USING (id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid))
    WITH CHECK (id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid));

-- A policy holds rows back and no columns: whoever it holds to one organization does not lift the
-- limits of that organization.
CREATE FUNCTION organizations_keep_limits() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        RAISE EXCEPTION 'an organization does not set its own limits' USING ERRCODE = 'ML001';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER organizations_keep_limits
BEFORE UPDATE ON organizations
FOR EACH ROW WHEN (
    OLD.subscription_plan IS DISTINCT FROM NEW.subscription_plan
    OR OLD.subscription_status IS DISTINCT FROM NEW.subscription_status
    OR OLD.is_active IS DISTINCT FROM NEW.is_active
    OR OLD.max_users IS DISTINCT FROM NEW.max_users
    OR OLD.max_projects IS DISTINCT FROM NEW.max_projects
    OR OLD.max_models IS DISTINCT FROM NEW.max_models
)
EXECUTE FUNCTION organizations_keep_limits();

CREATE TABLE organization_memberships (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    user_id         uuid             NOT NULL,
    role            text COLLATE "C" NOT NULL,
    invited_by      uuid,
    joined_at       timestamptz,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT organization_memberships_pkey PRIMARY KEY (organization_id, id),
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
);

CREATE UNIQUE INDEX idx_organization_memberships_org_user
    ON organization_memberships (organization_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_organization_memberships_user_id ON organization_memberships (user_id);
CREATE INDEX idx_organization_memberships_invited_by ON organization_memberships (invited_by);
CREATE INDEX idx_organization_memberships_deletion
    ON organization_memberships (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE organization_memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_memberships_tenant ON organization_memberships
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

-- Users are seen by the organizations whose live members they are, or were when the organization was
-- deleted, so that its owner can bring it back. Changing them is system work.
ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY users_tenant ON users
    FOR SELECT
    USING (
        EXISTS (
            SELECT 1 FROM organization_memberships m
            WHERE m.user_id = users.id
                AND m.organization_id
                    = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
                AND (
                    m.deleted_at IS NULL
                    OR m.deletion_id
                        = (SELECT o.deletion_id FROM organizations o WHERE o.id = m.organization_id)
                )
        )
    );

CREATE TABLE projects (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    name            text COLLATE "C" NOT NULL,
    slug            text COLLATE "C" NOT NULL,
    description     text COLLATE "C",
    visibility      text COLLATE "C" NOT NULL,
    is_active       boolean          NOT NULL,
    settings        jsonb            NOT NULL DEFAULT '{}',
    created_by      uuid             NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT projects_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT projects_name_check CHECK (length(name) > 0),
    CONSTRAINT projects_slug_check CHECK (length(slug) > 0),
    CONSTRAINT projects_visibility_check CHECK (visibility IN ('private', 'organization')),
    CONSTRAINT projects_settings_check CHECK (jsonb_typeof(settings) = 'object'),
    CONSTRAINT projects_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT projects_revision_check CHECK (revision >= 1),
    CONSTRAINT projects_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT projects_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX projects_organization_id_slug_key
    ON projects (organization_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_projects_created_by ON projects (created_by);
CREATE INDEX idx_projects_deletion ON projects (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY projects_tenant ON projects
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE project_members (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    project_id      uuid             NOT NULL,
    user_id         uuid             NOT NULL,
    role            text COLLATE "C" NOT NULL,
    added_by        uuid             NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT project_members_pkey PRIMARY KEY (organization_id, id),
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
);

CREATE UNIQUE INDEX idx_project_members_project_user
    ON project_members (organization_id, project_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX idx_project_members_project_id ON project_members (organization_id, project_id, id);
CREATE INDEX idx_project_members_user_id ON project_members (user_id);
CREATE INDEX idx_project_members_added_by ON project_members (added_by);
CREATE INDEX idx_project_members_deletion
    ON project_members (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE project_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY project_members_tenant ON project_members
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );
