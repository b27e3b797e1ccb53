-- 002_models_experiments: the model registry and experiment tracking.
-- Makes models, model_versions, experiments, experiment_runs and run_metrics.
-- Runs inside a transaction of its caller; conventions are in Schema/README.md.

CREATE TABLE models (
    id               uuid             NOT NULL,
    organization_id  uuid             NOT NULL,
    project_id       uuid             NOT NULL,
    name             text COLLATE "C" NOT NULL,
    description      text COLLATE "C",
    model_type       text COLLATE "C" NOT NULL,
    task_type        text COLLATE "C" NOT NULL,
    framework        text COLLATE "C" NOT NULL,
    tags             jsonb            NOT NULL DEFAULT '[]',
    metadata         jsonb            NOT NULL DEFAULT '{}',
    aliases          jsonb            NOT NULL DEFAULT '{}',
    promotion_policy jsonb            NOT NULL DEFAULT '{}',
    purged_number    bigint           NOT NULL DEFAULT 0,
    created_by       uuid             NOT NULL,
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
    deleted_at       timestamptz,
    deletion_id      uuid,
    revision         bigint           NOT NULL DEFAULT 1,
    CONSTRAINT models_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT models_name_check CHECK (length(name) > 0),
    CONSTRAINT models_tags_check CHECK (jsonb_typeof(tags) = 'array'),
    CONSTRAINT models_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT models_aliases_check CHECK (jsonb_typeof(aliases) = 'object'),
    CONSTRAINT models_promotion_policy_check CHECK (jsonb_typeof(promotion_policy) = 'object'),
    CONSTRAINT models_purged_number_check CHECK (purged_number >= 0),
    CONSTRAINT models_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT models_revision_check CHECK (revision >= 1),
    CONSTRAINT models_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT models_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT models_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX models_organization_id_project_id_name_key
    ON models (organization_id, project_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_models_project_id ON models (organization_id, project_id, id);
CREATE INDEX idx_models_created_by ON models (created_by);
CREATE INDEX idx_models_deletion ON models (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE models ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY models_tenant ON models
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

-- source_run_id refers forward, to experiment_runs below, where its key is added.
CREATE TABLE model_versions (
    id                  uuid             NOT NULL,
    organization_id     uuid             NOT NULL,
    model_id            uuid             NOT NULL,
    version             text COLLATE "C" NOT NULL,
    number              bigint           NOT NULL,
    stage               text COLLATE "C" NOT NULL,
    source_run_id       uuid,
    artifact_uri        text COLLATE "C",
    artifact_sha256     text COLLATE "C",
    model_size_bytes    bigint,
    requirements        text COLLATE "C",
    performance_metrics jsonb            NOT NULL DEFAULT '{}',
    training_metrics    jsonb            NOT NULL DEFAULT '{}',
    model_schema        jsonb            NOT NULL DEFAULT '{}',
    description         text COLLATE "C",
    tags                jsonb            NOT NULL DEFAULT '{}',
    promotion           jsonb            NOT NULL DEFAULT '{}',
    created_by          uuid             NOT NULL,
    created_at          timestamptz      NOT NULL,
    updated_at          timestamptz      NOT NULL,
    deleted_at          timestamptz,
    deletion_id         uuid,
    revision            bigint           NOT NULL DEFAULT 1,
    CONSTRAINT model_versions_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT model_versions_version_check CHECK (length(version) > 0),
    CONSTRAINT model_versions_number_check CHECK (number >= 1),
    CONSTRAINT model_versions_stage_check
        CHECK (stage IN ('development', 'staging', 'production', 'archived')),
    CONSTRAINT model_versions_artifact_sha256_check CHECK (length(artifact_sha256) = 64),
    CONSTRAINT model_versions_model_size_bytes_check CHECK (model_size_bytes >= 0),
    CONSTRAINT model_versions_performance_metrics_check
        CHECK (jsonb_typeof(performance_metrics) = 'object'),
    CONSTRAINT model_versions_training_metrics_check
        CHECK (jsonb_typeof(training_metrics) = 'object'),
    CONSTRAINT model_versions_model_schema_check CHECK (jsonb_typeof(model_schema) = 'object'),
    CONSTRAINT model_versions_tags_check CHECK (jsonb_typeof(tags) = 'object'),
    CONSTRAINT model_versions_promotion_check CHECK (jsonb_typeof(promotion) = 'object'),
    CONSTRAINT model_versions_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT model_versions_revision_check CHECK (revision >= 1),
    CONSTRAINT model_versions_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT model_versions_model_id_fkey
        FOREIGN KEY (organization_id, model_id)
        REFERENCES models (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT model_versions_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX model_versions_model_id_version_key
    ON model_versions (organization_id, model_id, version) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX model_versions_model_id_number_key
    ON model_versions (organization_id, model_id, number);
CREATE INDEX idx_model_versions_model_id
    ON model_versions (organization_id, model_id, id);
CREATE INDEX idx_model_versions_model_stage ON model_versions (model_id, stage);
CREATE INDEX idx_model_versions_source_run_id
    ON model_versions (organization_id, source_run_id, id);
CREATE INDEX idx_model_versions_created_by ON model_versions (created_by);
CREATE INDEX idx_model_versions_deletion
    ON model_versions (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE model_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY model_versions_tenant ON model_versions
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE experiments (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    project_id      uuid             NOT NULL,
    model_id        uuid,
    name            text COLLATE "C" NOT NULL,
    description     text COLLATE "C",
    status          text COLLATE "C" NOT NULL,
    config          jsonb            NOT NULL DEFAULT '{}',
    tags            jsonb            NOT NULL DEFAULT '[]',
    started_at      timestamptz,
    completed_at    timestamptz,
    created_by      uuid             NOT NULL,
    created_at      timestamptz      NOT NULL,
    updated_at      timestamptz      NOT NULL,
    deleted_at      timestamptz,
    deletion_id     uuid,
    revision        bigint           NOT NULL DEFAULT 1,
    CONSTRAINT experiments_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT experiments_name_check CHECK (length(name) > 0),
    CONSTRAINT experiments_status_check
        CHECK (status IN ('draft', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT experiments_config_check CHECK (jsonb_typeof(config) = 'object'),
    CONSTRAINT experiments_tags_check CHECK (jsonb_typeof(tags) = 'array'),
    CONSTRAINT experiments_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT experiments_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT experiments_revision_check CHECK (revision >= 1),
    CONSTRAINT experiments_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT experiments_project_id_fkey
        FOREIGN KEY (organization_id, project_id)
        REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT experiments_model_id_fkey
        FOREIGN KEY (organization_id, model_id)
        REFERENCES models (organization_id, id) ON DELETE RESTRICT,
    CONSTRAINT experiments_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX experiments_organization_id_project_id_name_key
    ON experiments (organization_id, project_id, name) WHERE deleted_at IS NULL;
CREATE INDEX idx_experiments_project_id ON experiments (organization_id, project_id, id);
CREATE INDEX idx_experiments_model_id ON experiments (organization_id, model_id, id);
CREATE INDEX idx_experiments_created_by ON experiments (created_by);
CREATE INDEX idx_experiments_deletion ON experiments (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE experiments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY experiments_tenant ON experiments
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

CREATE TABLE experiment_runs (
    id               uuid             NOT NULL,
    organization_id  uuid             NOT NULL,
    experiment_id    uuid             NOT NULL,
    parent_run_id    uuid,
    run_name         text COLLATE "C" NOT NULL,
    kind             text COLLATE "C" NOT NULL DEFAULT 'run',
    status           text COLLATE "C" NOT NULL,
    parameters       jsonb            NOT NULL DEFAULT '{}',
    metrics          jsonb            NOT NULL DEFAULT '{}',
    artifacts        jsonb            NOT NULL DEFAULT '{}',
    tags             jsonb            NOT NULL DEFAULT '{}',
    environment      jsonb            NOT NULL DEFAULT '{}',
    logs             text COLLATE "C",
    error_message    text COLLATE "C",
    heartbeat_at     timestamptz,
    started_at       timestamptz,
    completed_at     timestamptz,
    duration_seconds double precision,
    created_by       uuid             NOT NULL,
    created_at       timestamptz      NOT NULL,
    updated_at       timestamptz      NOT NULL,
    deleted_at       timestamptz,
    deletion_id      uuid,
    revision         bigint           NOT NULL DEFAULT 1,
    CONSTRAINT experiment_runs_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT experiment_runs_organization_id_experiment_id_id_key
        UNIQUE (organization_id, experiment_id, id),
    CONSTRAINT experiment_runs_parent_run_id_check CHECK (parent_run_id <> id),
    CONSTRAINT experiment_runs_run_name_check CHECK (length(run_name) > 0),
    CONSTRAINT experiment_runs_kind_check CHECK (kind IN ('run', 'logged_model')),
    CONSTRAINT experiment_runs_status_check
        CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT experiment_runs_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT experiment_runs_metrics_check CHECK (jsonb_typeof(metrics) = 'object'),
    CONSTRAINT experiment_runs_artifacts_check CHECK (jsonb_typeof(artifacts) = 'object'),
    CONSTRAINT experiment_runs_tags_check CHECK (jsonb_typeof(tags) = 'object'),
    CONSTRAINT experiment_runs_environment_check CHECK (jsonb_typeof(environment) = 'object'),
    CONSTRAINT experiment_runs_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT experiment_runs_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT experiment_runs_deletion_check CHECK ((deleted_at IS NULL) = (deletion_id IS NULL)),
    CONSTRAINT experiment_runs_revision_check CHECK (revision >= 1),
    CONSTRAINT experiment_runs_organization_id_fkey
        FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_experiment_id_fkey
        FOREIGN KEY (organization_id, experiment_id)
        REFERENCES experiments (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_parent_run_id_fkey
        FOREIGN KEY (organization_id, experiment_id, parent_run_id)
        REFERENCES experiment_runs (organization_id, experiment_id, id) ON DELETE CASCADE,
    CONSTRAINT experiment_runs_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX idx_experiment_runs_experiment_id_started_at
    ON experiment_runs (experiment_id, started_at);
CREATE INDEX idx_experiment_runs_created_at
    ON experiment_runs (organization_id, created_at DESC NULLS LAST, id DESC);
CREATE INDEX idx_experiment_runs_parent_run_id
    ON experiment_runs (organization_id, parent_run_id, id);
CREATE INDEX idx_experiment_runs_running
    ON experiment_runs (organization_id, id) WHERE status = 'running';
CREATE INDEX idx_experiment_runs_created_by ON experiment_runs (created_by);
CREATE INDEX idx_experiment_runs_deletion
    ON experiment_runs (deletion_id) WHERE deletion_id IS NOT NULL;

ALTER TABLE experiment_runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY experiment_runs_tenant ON experiment_runs
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );

ALTER TABLE model_versions
    ADD CONSTRAINT model_versions_source_run_id_fkey
        FOREIGN KEY (organization_id, source_run_id)
        REFERENCES experiment_runs (organization_id, id) ON DELETE RESTRICT;

-- A bulk table: organization_id is held by the key to the run, which carries it too.
-- A second look-up, and another index, for every point would cost ingest.
CREATE TABLE run_metrics (
    id              uuid             NOT NULL,
    organization_id uuid             NOT NULL,
    run_id          uuid             NOT NULL,
    metric_name     text COLLATE "C" NOT NULL,
    value           double precision NOT NULL,
    step            bigint           NOT NULL,
    timestamp       timestamptz      NOT NULL,
    CONSTRAINT run_metrics_pkey PRIMARY KEY (organization_id, id),
    CONSTRAINT run_metrics_metric_name_check CHECK (length(metric_name) > 0),
    CONSTRAINT run_metrics_run_id_fkey
        FOREIGN KEY (organization_id, run_id)
        REFERENCES experiment_runs (organization_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_run_metrics_run_name ON run_metrics (run_id, metric_name, step);

ALTER TABLE run_metrics ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY run_metrics_tenant ON run_metrics
    USING (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    )
    WITH CHECK (
        organization_id = (SELECT nullif(current_setting('mlops.organization_id', true), '')::uuid)
    );
